import { type Role, roles, type Scope } from '../api/endpoint.ts'

/** A person's account, as far as access goes. */
export interface CallerAccount {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly projects: 'all' | readonly string[]
  readonly group: string | null
}

/** An API key, as far as access goes. */
export interface CallerKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly project: string | null
}

/** Who asks. */
export interface Caller {
  /** Name of the machine that asks, for rate limits and the audit log. */
  readonly address: string
  readonly account: CallerAccount | null
  readonly key: CallerKey | null
  /** The session's token; null when there is no cookie. */
  readonly session: string | null
}

/** Whether an account may do what needs a role. */
export function hasRole({ role }: Pick<CallerAccount, 'role'>, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

/** Whether the caller sees a project. */
export function sees({ account }: Pick<Caller, 'account'>, project: string): boolean {
  if (!account) return false
  return account.role === 'admin' || account.projects === 'all' || account.projects.includes(project)
}
