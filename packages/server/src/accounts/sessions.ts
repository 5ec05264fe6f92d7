import type { Database } from '../database/schema.ts'
import { type Account, accountOfRow } from './accounts.ts'
import { newSecret, secretHash } from './secrets.ts'

/** Logged-in sessions; of a token only its hash is stored. */
export interface Sessions {
  /** The account of a token; null when it has expired or never was. */
  readonly account: (token: string) => Promise<Account | null>
  /** A new session's token. */
  readonly open: (account: string) => Promise<string>
  readonly end: (token: string) => Promise<void>
  readonly endAll: (account: string) => Promise<void>
}

/**
 * What the tokens of logged-in sessions begin with: a cookie of one that has ended is told from a cookie that nobody logged in
 * with, so that on a local server it does not become the machine's own account.
 */
const loggedIn = 'p_'

/** Whether a cookie's text has the form of a token. */
export function isToken(text: string): boolean {
  return /^(p_)?[\w-]{43}$/.test(text)
}

/** Whether somebody logged in with a token, now or once. */
export function wasLoggedIn(token: string): boolean {
  return token.startsWith(loggedIn) && token.length > 43
}

/** Seconds that a session lasts. */
export const sessionSeconds = 14 * 24 * 3600

/** Sessions of a database. */
export function sessions(database: Database, now: () => number = Date.now): Sessions {
  const iso = (time: number) => new Date(time).toISOString()
  return {
    account: async (token) => {
      const row = await database
        .selectFrom('server_sessions as session')
        .innerJoin('server_accounts as account', 'account.id', 'session.account')
        .selectAll('account')
        .where('session.token_hash', '=', secretHash(token))
        .where('session.expires_at', '>', iso(now()))
        .executeTakeFirst()
      return row ? accountOfRow(row) : null
    },
    open: async (account) => {
      const token = loggedIn + newSecret()
      await database.deleteFrom('server_sessions').where('expires_at', '<=', iso(now())).execute()
      await database
        .insertInto('server_sessions')
        .values({
          token_hash: secretHash(token),
          account,
          created_at: iso(now()),
          expires_at: iso(now() + sessionSeconds * 1000),
        })
        .execute()
      return token
    },
    end: async (token) => {
      await database.deleteFrom('server_sessions').where('token_hash', '=', secretHash(token)).execute()
    },
    endAll: async (account) => {
      await database.deleteFrom('server_sessions').where('account', '=', account).execute()
    },
  }
}
