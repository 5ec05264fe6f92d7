import { Link } from 'react-router'
import { useToast } from '../design/toast.tsx'
import { useAccountChange, useSession } from './session.tsx'

/** Who is here, with the ways out. */
export function AccountMenu() {
  const { account, local } = useSession()
  const { logout } = useAccountChange()
  const { say } = useToast()
  const leave = () => void logout().catch((error: Error) => say(`You are still logged in: ${error.message}`))
  return (
    <details className="account">
      <summary aria-label={`Account: ${account.name}`}>
        <span aria-hidden="true">{initials(account.name)}</span>
      </summary>
      <div className="account-panel">
        <p>
          <strong>{account.name}</strong>
          <span className="muted small"> {account.role}</span>
        </p>
        <Link to="/settings">Settings</Link>
        {local && <Link to="/login">Change person</Link>}
        <button type="button" onClick={leave}>
          Log out
        </button>
      </div>
    </details>
  )
}

/** The first letters of the first two words of a name. */
export function initials(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('')
}
