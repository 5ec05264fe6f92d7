import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import { localAccount } from '../accounts/accounts.ts'
import { csrfToken, newSecret } from '../accounts/secrets.ts'
import { sessionSeconds } from '../accounts/sessions.ts'
import { ApiError } from '../http/api-error.ts'
import type { CallerAccount } from '../http/caller.ts'
import type { Handlers } from '../http/handler.ts'
import { rateLimit } from '../http/rate-limit.ts'
import type { Services, Settings } from '../services.ts'

/** Logging in and out. Failures are counted by name and by machine. */
export function sessionHandlers({
  accounts,
  sessions,
  audit,
  settings,
}: Services): Pick<Handlers, 'readSession' | 'login' | 'logout'> {
  const byMachineAndName = rateLimit({ count: 5, seconds: 300 })
  const byMachine = rateLimit({ count: 30, seconds: 900 })
  const byName = rateLimit({ count: 50, seconds: 900 })
  const answer = (account: CallerAccount | null, token: string) => ({
    account: account && { id: account.id, name: account.name, role: account.role },
    csrf: csrfToken(settings.secret, token),
    local: settings.local,
  })

  return {
    readSession: (_, { account, session }, http) => {
      const token = session ?? newSecret()
      if (!session) giveCookie(http, token, settings)
      return answer(account, token)
    },
    login: async ({ body: { name, password } }, { address, session }, http) => {
      const attempts = [
        [byMachineAndName, `${address} ${name}`],
        [byMachine, address],
        [byName, name],
      ] as const
      const wait = Math.max(...attempts.map(([limit, key]) => limit.wait(key)))
      if (wait > 0) {
        throw new ApiError(429, 'too-many', `too many wrong passwords; try again in ${Math.ceil(wait)} s`, {
          retryAfter: wait,
        })
      }
      for (const [limit, key] of attempts) limit.take(key) // before the slow check, so that attempts at once count too
      const account = await accounts.check(name, password, { withoutPassword: settings.local })
      await audit.add({
        account: account?.id ?? null,
        address,
        action: account ? 'login' : 'login failed',
        subject: name,
      })
      if (!account) throw new ApiError(401, 'wrong-password', 'this name and password do not fit')
      byMachineAndName.forget(`${address} ${name}`)
      for (const [limit, key] of attempts.slice(1)) limit.giveBack(key) // a whole office may log in behind one address
      if (session) await sessions.end(session)
      const token = await sessions.open(account.id)
      giveCookie(http, token, settings)
      return answer(account, token)
    },
    logout: async (_, { account, address, session }, http) => {
      if (session) await sessions.end(session)
      if (account && account.id !== localAccount)
        await audit.add({ account: account.id, address, action: 'logout' })
      giveCookie(http, newSecret(), settings)
      return { ok: true }
    },
  }
}

function giveCookie(http: Context, token: string, { cookie, https }: Settings): void {
  setCookie(http, cookie, token, {
    httpOnly: true,
    sameSite: 'Strict',
    secure: https,
    path: '/',
    maxAge: sessionSeconds,
  })
}
