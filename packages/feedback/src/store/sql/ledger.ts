import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import type { Journal, JournalMark } from '../journal.ts'
import type { FeedbackDatabase, FeedbackTransaction } from './tables.ts'

/** Keeps a database and its journal at the same state, one transaction after another. */
export interface Ledger {
  /** Before a transaction: settles what an earlier one left open. Throws `unavailable` while the database is away. */
  readonly ready: () => Promise<void>
  /** At the end of a transaction: the events are on disk in the journal, and the database says so when it commits. */
  readonly record: (tx: FeedbackTransaction, events: readonly StoreEvent[]) => Promise<void>
  readonly committed: () => void
  /** After a transaction that failed: the journal forgets its events, unless the database has them after all. */
  readonly failed: () => Promise<void>
}

/** The ledger of a journal. A second process that writes the same database is found out by the hash of the last line. */
export function journalLedger(database: FeedbackDatabase, journal: Journal, url: string): Ledger {
  /** Where the journal stood before a transaction of which nobody knows yet whether it was committed. */
  let open: JournalMark | null = null
  const settle = async () => {
    if (!open) return
    const { hash } = await stateOf(database)
    if (hash !== journal.mark().hash) await journal.rewind(open)
    open = null
  }
  return {
    ready: settle,
    record: async (tx, events) => {
      if (events.length === 0) return
      const before = journal.mark()
      await journal.append(events)
      open = before
      const { numUpdatedRows } = await tx
        .updateTable('journal_state')
        .set({ sequence: journal.mark().sequence, hash: journal.mark().hash })
        .where('id', '=', 1)
        .where('sequence', '=', before.sequence)
        .where('hash', '=', before.hash)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 1n) return
      throw new StoreError(
        'locked',
        `${url}: another process has written to this database, past the journal ${journal.path}; stop it, and start this one again (nothing was stored)`,
      )
    },
    committed: () => {
      open = null
    },
    failed: () => settle().catch(() => {}), // the database is away; `ready` settles it when it is back
  }
}

/** Without a journal: notes that a journal of this database has gone stale. */
export async function leaveJournalBehind(tx: FeedbackTransaction): Promise<void> {
  await tx
    .updateTable('journal_state')
    .set({ sequence: -1, hash: '' })
    .where('id', '=', 1)
    .where('sequence', '<>', -1)
    .execute()
}

/** The last line of the journal that a database has. */
export function stateOf(database: FeedbackDatabase): Promise<{ sequence: number; hash: string }> {
  return database
    .selectFrom('journal_state')
    .select(['sequence', 'hash'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
}
