import { newId } from '@attune/feedback'
import type { Database, ServerTables } from '../database/schema.ts'

/** Who did what. */
export interface AuditEntry {
  readonly account: string | null
  readonly address: string
  readonly action: string
  readonly subject?: string | null
  readonly detail?: string | null
}

/** The log of who did what: entries are added and read, nothing else. */
export interface Audit {
  readonly add: (entry: AuditEntry) => Promise<void>
  /** Newest first. */
  readonly list: (options: {
    before: string | null
    limit: number
  }) => Promise<ServerTables['server_audit'][]>
}

/** The audit log of a database. */
export function audit(database: Database): Audit {
  return {
    add: async ({ account, address, action, subject = null, detail = null }) => {
      await database
        .insertInto('server_audit')
        .values({ id: newId(), time: new Date().toISOString(), account, address, action, subject, detail })
        .execute()
    },
    list: ({ before, limit }) =>
      database
        .selectFrom('server_audit')
        .selectAll()
        .$if(before !== null, (query) => query.where('id', '<', before!))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
  }
}
