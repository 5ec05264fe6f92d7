import { localAccount } from '../accounts/accounts.ts'
import { invalid } from '../http/api-error.ts'
import { accountOf, type Handlers } from '../http/handler.ts'
import type { Services } from '../services.ts'

type Names =
  | 'listPeople'
  | 'createPerson'
  | 'updatePerson'
  | 'listKeys'
  | 'createKey'
  | 'revokeKey'
  | 'listAudit'

/** Accounts, API keys and the audit log. */
export function peopleHandlers({
  accounts,
  sessions,
  keys,
  audit,
  store,
  settings,
}: Services): Pick<Handlers, Names> {
  return {
    listPeople: async ({ query: { cursor, limit } }) =>
      pageOf(await accounts.list({ after: cursor ?? null, limit: limit + 1 }), limit),
    createPerson: ({ body }) => {
      if (body.password === undefined && !settings.local)
        throw invalid(
          'body.password',
          'is missing; only a server for this machine alone has accounts without one',
        )
      return accounts.create(body)
    },
    updatePerson: async ({ params: { id }, body }, caller) => {
      if (id === accountOf(caller).id && (body.disabled || (body.role && body.role !== 'admin')))
        throw invalid('body', 'you cannot take your own rights away; ask another admin')
      if (id === localAccount && (body.disabled || body.password !== undefined || body.role !== undefined))
        throw invalid('body', "only the name of this machine's own account can be changed")
      const account = await accounts.update(id, body)
      if (body.disabled || body.password !== undefined || body.role !== undefined) await sessions.endAll(id)
      return account
    },
    listKeys: async ({ query: { cursor, limit } }) =>
      pageOf(await keys.list({ after: cursor ?? null, limit: limit + 1 }), limit),
    createKey: async ({ body }) => {
      if (body.scopes.includes('feedback')) {
        if (body.project === null)
          throw invalid('body.project', 'is missing; a feedback key writes to one project')
        if (!(await store.projects.get(body.project))) throw invalid('body.project', 'is not there')
      }
      return keys.create(body)
    },
    revokeKey: async ({ params: { id } }) => {
      await keys.revoke(id)
      return { ok: true }
    },
    listAudit: async ({ query: { cursor, limit } }) =>
      pageOf(await audit.list({ before: cursor ?? null, limit: limit + 1 }), limit),
  }
}

/** A page out of one row more than it holds; the cursor is the id of its last row. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}
