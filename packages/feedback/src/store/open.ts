import type { Clock, FeedbackStore } from './contract.ts'
import { StoreError } from './error.ts'
import { jsonlStore } from './jsonl.ts'
import { memoryStore } from './memory/store.ts'
import { postgresStore } from './postgres/open.ts'
import type { SqlStore } from './sql/store.ts'
import { sqliteStore } from './sqlite/open.ts'

/** How a store is opened. */
export interface OpenOptions {
  /** Time of leases; the machine's by default. */
  readonly clock?: Clock
  /** SQLite only: false shares the file with other processes, without lock and journal. */
  readonly exclusive?: boolean
  /** PostgreSQL only: file of a journal; the process that keeps it is the only one that may write. */
  readonly journal?: string | undefined
}

/** Opens the store of an address: `memory:`, `jsonl:<folder>`, `sqlite:<file>` or `postgres://…`. */
export async function openStore(url: string, options: OpenOptions = {}): Promise<FeedbackStore> {
  const [, scheme = '', rest = ''] = /^(\w+):(.*)$/s.exec(url) ?? []
  if (scheme === 'memory') return memoryStore(options)
  if (scheme === 'jsonl' && rest !== '') return jsonlStore(rest, options)
  if (scheme === 'sqlite' && rest !== '') return sqliteStore(rest, options)
  if (scheme === 'postgres' || scheme === 'postgresql') return postgresStore(url, options)
  throw new StoreError(
    'invalid',
    `'${url}' is no store; expected memory:, jsonl:<folder>, sqlite:<file> or postgres://…`,
  )
}

/** Whether a store is in a SQL database, whose `database` others may use too. */
export function isSqlStore(store: FeedbackStore): store is SqlStore {
  return 'database' in store
}
