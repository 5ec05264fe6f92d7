import type { Lease } from '@attune/feedback'
import type { Database, ServerTables } from '../database/schema.ts'

/** What was handed out, beyond the end of its lease: who may answer it late, and what they were asked. */
export interface Claims {
  readonly keep: (lease: Lease, protocol: string) => Promise<void>
  readonly find: (lease: string) => Promise<ServerTables['server_claims'] | null>
}

/** Claims in the server's own table; a lease that comes back is asked under the protocol of then. */
export function claims(database: Database): Claims {
  return {
    keep: async ({ id: lease, project, item, annotator }, protocol) => {
      await database
        .insertInto('server_claims')
        .values({ lease, project, item, annotator, protocol })
        .onConflict((conflict) => conflict.column('lease').doUpdateSet({ protocol }))
        .execute()
    },
    find: async (lease) => {
      const query = database.selectFrom('server_claims').selectAll().where('lease', '=', lease)
      return (await query.executeTakeFirst()) ?? null
    },
  }
}
