import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import type { Journal } from '../journal.ts'
import { serial } from '../serial.ts'
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

/** The context of a database; with a journal, changes happen one after another. */
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
  journal?: Journal
}): SqlContext {
  const inTurn = serial()
  const once = <T>(task: (tx: FeedbackTransaction, events: StoreEvent[]) => Promise<T>) =>
    journal
      ? inTurn(() => journaled(database, journal, task))
      : database.transaction().execute((tx) => task(tx, []))
  return {
    database,
    dialect,
    clock,
    transact: (task) => withRetry(() => database.transaction().execute(task), url),
    change: (task) => withRetry(() => once(task), url),
  }
}

/** Commits after the journal has the events; when the commit fails, the journal forgets them. */
async function journaled<T>(
  database: FeedbackDatabase,
  journal: Journal,
  task: (tx: FeedbackTransaction, events: StoreEvent[]) => Promise<T>,
): Promise<T> {
  const before = journal.mark()
  try {
    return await database.transaction().execute(async (tx) => {
      const events: StoreEvent[] = []
      const result = await task(tx, events)
      if (events.length > 0) {
        const sequence = await journal.append(events)
        await tx.updateTable('journal_state').set({ sequence }).where('id', '=', 1).execute()
      }
      return result
    })
  } catch (cause) {
    await journal.rewind(before)
    throw cause
  }
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
