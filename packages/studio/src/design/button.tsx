import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Link } from 'react-router'
import { Icon, type IconName } from './icon.tsx'

interface Look {
  readonly kind?: 'primary' | 'plain' | 'danger'
  readonly size?: 'small'
  readonly icon?: IconName
  readonly children?: ReactNode
}

function classOf({ kind, size }: Look, pressed?: boolean): string {
  return ['button', kind, size, pressed && 'pressed'].filter(Boolean).join(' ')
}

/** A button that does something on this page. `hint` is the key that does the same. */
export function Button({
  kind,
  size,
  icon,
  hint,
  children,
  ...rest
}: Look & { hint?: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  const pressed = rest['aria-pressed'] === true
  return (
    <button type="button" {...rest} className={classOf({ kind, size }, pressed)} aria-keyshortcuts={hint}>
      {icon && <Icon name={icon} />}
      {children}
      {hint && <Key name={hint} />}
    </button>
  )
}

/** A link that looks like a button: it goes to another page. */
export function ButtonLink({ to, icon, children, ...look }: Look & { to: string }) {
  return (
    <Link to={to} className={classOf(look)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  )
}

/** A square button with a picture; its name is read and shown on hover. */
export function IconButton({
  icon,
  name,
  ...rest
}: { icon: IconName; name: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className="icon-button" title={name} aria-label={name} {...rest}>
      <Icon name={icon} />
    </button>
  )
}

const keyNames: Record<string, string> = {
  'Mod+Enter': 'Ctrl ↵',
  'Mod+s': 'Ctrl S',
  'Mod+z': 'Ctrl Z',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ' ': 'Space',
}

/** A key in the words that are printed on the keyboard. */
export function keyName(name: string): string {
  return keyNames[name] ?? (name.length === 1 ? name.toUpperCase() : name)
}

/** A key as it is printed on the keyboard. */
export function Key({ name }: { name: string }) {
  return (
    <span className="key" aria-hidden="true">
      {keyName(name)}
    </span>
  )
}
