import { type ReactNode, Suspense, useState } from 'react'
import { Link, NavLink } from 'react-router'
import { IconButton } from '../design/button.tsx'
import { Icon, type IconName } from '../design/icon.tsx'
import { HelpDialog } from '../keyboard/help-dialog.tsx'
import { useKey } from '../keyboard/keyboard.tsx'
import { OutboxBanner } from '../label/outbox-banner.tsx'
import { AccountMenu } from './account-menu.tsx'
import { useMay } from './session.tsx'
import { useTheme } from './theme.ts'

const places: readonly { to: string; name: string; icon: IconName; role: 'annotator' | 'reviewer' }[] = [
  { to: '/', name: 'Projects', icon: 'projects', role: 'annotator' },
  { to: '/runs', name: 'Runs', icon: 'runs', role: 'reviewer' },
  { to: '/chat', name: 'Chat', icon: 'chat', role: 'annotator' },
  { to: '/arena', name: 'Arena', icon: 'arena', role: 'annotator' },
  { to: '/models', name: 'Models', icon: 'models', role: 'annotator' },
]

const themes = { system: 'light', light: 'dark', dark: 'system' } as const

/** What every page has: places to go, the theme, help and who is here. */
export function Frame({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useTheme()
  const [help, setHelp] = useState(false)
  const reviewer = useMay('reviewer')
  useKey('help', () => setHelp(true))
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="topbar">
        <Link to="/" className="wordmark" aria-label="Attune, all projects">
          <Mark />
          <span>Attune</span>
        </Link>
        <nav className="places" aria-label="Places">
          {places
            .filter(({ role }) => role === 'annotator' || reviewer)
            .map(({ to, name, icon }) => (
              <NavLink key={to} to={to} end={to === '/'}>
                <Icon name={icon} />
                {name}
              </NavLink>
            ))}
        </nav>
        <div className="tools">
          <IconButton
            icon={theme}
            name={`Theme: ${theme}. Switch to ${themes[theme]}`}
            onClick={() => setTheme(themes[theme])}
          />
          <IconButton icon="help" name="Keyboard and help" onClick={() => setHelp(true)} />
          <AccountMenu />
        </div>
      </header>
      <OutboxBanner />
      <main id="content" tabIndex={-1}>
        <Suspense
          fallback={
            <p className="page muted" role="status">
              Loading …
            </p>
          }
        >
          {children}
        </Suspense>
      </main>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M6 20c4 0 4-9 8-9s3 12 6.5 12S24 9 27 9"
        fill="none"
        stroke="var(--accent-ink)"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  )
}
