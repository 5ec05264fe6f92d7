import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { type Account, localAccount } from '../accounts/accounts.ts'
import { keyPrefix } from '../accounts/keys.ts'
import { isToken, wasLoggedIn } from '../accounts/sessions.ts'
import type { Services } from '../services.ts'
import { ApiError } from './api-error.ts'
import type { Caller } from './caller.ts'

type Needs = Pick<Services, 'accounts' | 'sessions' | 'keys' | 'settings'>

/**
 * Says who asks: a key's program, a session's person, or on a local server whoever sits there. Whose session has ended is nobody,
 * without a session, until `GET /api/session` gives a new cookie.
 */
export function identify({
  accounts,
  sessions,
  keys,
  settings,
}: Needs): (c: Context, address: string) => Promise<Caller> {
  return async (c, address) => {
    const nobody: Caller = { address, account: null, key: null, session: null }
    const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (bearer !== undefined && (bearer.startsWith(keyPrefix) || !settings.local)) {
      const key = await keys.find(bearer)
      if (!key) throw new ApiError(401, 'unknown-key', 'this API key is not known or was revoked')
      return { ...nobody, key }
    }
    const token = getCookie(c, settings.cookie)
    const session = token !== undefined && isToken(token) ? token : null
    const account = session === null ? null : await sessions.account(session)
    if (account && !account.disabled) return { ...nobody, account, session }
    if (session !== null && wasLoggedIn(session)) return nobody
    const local: Account | null = settings.local ? await accounts.get(localAccount) : null
    return { ...nobody, account: local, session }
  }
}
