import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import type { Journal } from '../journal.ts'
import { groupCommits, type Task } from './group.ts'
import { journalLedger, type Ledger, leaveJournalBehind } from './ledger.ts'
import type { FeedbackDatabase, FeedbackTransaction, SqlDialect } from './tables.ts'

/** What the parts of a SQL store share. */
export interface SqlContext {
  readonly database: FeedbackDatabase
  readonly dialect: SqlDialect
  readonly clock: Clock
  /** A transaction that changes leases only. */
  readonly transact: <T>(task: (tx: FeedbackTransaction) => Promise<T>) => Promise<T>
  /** A transaction whose pushed events are in the journal before it commits. */
  readonly change: <T>(task: (tx: FeedbackTransaction, events: StoreEvent[]) => Promise<T>) => Promise<T>
}

/** PostgreSQL: serialization failure, deadlock, unique violation of a race. */
const retried = new Set(['40001', '40P01', '23505'])
const mostTries = 8

/**
 * The context of a database. With a journal, and always in SQLite, which has one writer, changes that wait together are
 * committed together; PostgreSQL without a journal runs them at once.
 */
export function sqlContext({
  database,
  dialect,
  clock,
  url,
  journal,
}: {
  database: FeedbackDatabase
  dialect: SqlDialect
  clock: Clock
  url: string
  journal?: Journal | undefined
}): SqlContext {
  const ledger = journal ? journalLedger(database, journal, url) : withoutJournal
  const grouped = groupCommits(database, ledger)
  const atOnce = <T>(task: Task<T>) =>
    database.transaction().execute(async (tx) => {
      await leaveJournalBehind(tx)
      return task(tx, [])
    })
  const change = journal || dialect === 'sqlite' ? grouped : atOnce
  const transact = <T>(task: (tx: FeedbackTransaction) => Promise<T>) =>
    dialect === 'sqlite' ? grouped((tx) => task(tx)) : database.transaction().execute(task)
  return {
    database,
    dialect,
    clock,
    transact: (task) => withRetry(() => transact(task), url),
    change: (task) => withRetry(() => change(task), url),
  }
}

/** What others share has no journal: one that there was is left behind. */
const withoutJournal: Ledger = {
  ready: async () => {},
  record: async (tx, events) => {
    if (events.length > 0) await leaveJournalBehind(tx)
  },
  committed: () => {},
  failed: async () => {},
}

async function withRetry<T>(run: () => Promise<T>, url: string): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (cause) {
      if (cause instanceof StoreError) throw cause
      const { code = '', message } = cause as { code?: string; message: string }
      if (!retried.has(code) || attempt === mostTries) {
        throw new StoreError('unavailable', `${url}: ${message}; nothing was stored, try again`, { cause })
      }
      const wait = Math.random() * 5 * 2 ** attempt
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}
