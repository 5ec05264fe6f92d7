import { rename } from 'node:fs/promises'
import { sql } from 'kysely'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import { emptyMark, type Journal, journalEntries, openJournal } from '../journal.ts'
import { applyEvent } from './events.ts'
import { stateOf } from './ledger.ts'
import { eventsOf } from './read.ts'
import type { FeedbackDatabase, FeedbackTransaction, SqlDialect } from './tables.ts'

/**
 * Opens a database's journal and brings both to the same state: the one that is behind is filled from the other. Throws
 * `conflict` when the journal is another database's.
 */
export async function openReconciled(
  path: string,
  database: FeedbackDatabase,
  dialect: SqlDialect,
): Promise<Journal> {
  const journal = await openJournal(path)
  try {
    const isBehind = await database.transaction().execute(async (tx) => {
      // waits for those who write without a journal, and lets none in until it is decided
      if (dialect === 'postgres') await sql`lock table journal_state in exclusive mode`.execute(tx)
      return fillDatabase(tx, journal)
    })
    if (!isBehind) return journal
    await journal.close()
    if (journal.mark().sequence > 0) await rename(path, `${path}.old`)
    return await writeJournal(path, database, dialect)
  } catch (cause) {
    await journal.close().catch(() => {})
    throw cause
  }
}

/** Applies what a journal has and the database has not. Returns whether the journal is the one that is behind. */
async function fillDatabase(tx: FeedbackTransaction, journal: Journal): Promise<boolean> {
  const state = await stateOf(tx)
  const mark = journal.mark()
  if (state.sequence < 0 || mark.sequence < state.sequence) return true
  const known = state.sequence === 0 ? emptyMark.hash : state.hash // empty: an older version kept none
  if (mark.sequence === state.sequence && known !== '' && mark.hash !== known) throw foreign(journal)
  if (mark.sequence > state.sequence) {
    for await (const { sequence, hash, event } of journalEntries(journal.path)) {
      if (sequence === state.sequence && known !== '' && hash !== known) throw foreign(journal)
      if (sequence > state.sequence) await applyEvent(tx, event)
    }
  }
  await note(tx, mark)
  return false
}

function foreign({ path }: Journal): StoreError {
  return new StoreError(
    'conflict',
    `${path}: this is the journal of another database (its lines are not those that the database has noted); move it away, and it is written anew`,
  )
}

async function note(tx: FeedbackTransaction, { sequence, hash }: { sequence: number; hash: string }) {
  await tx.updateTable('journal_state').set({ sequence, hash }).where('id', '=', 1).execute()
}

/** Writes a journal of all that a database keeps. */
async function writeJournal(path: string, database: FeedbackDatabase, dialect: SqlDialect): Promise<Journal> {
  const journal = await openJournal(path)
  await database.transaction().execute(async (tx) => {
    if (dialect === 'postgres') await sql`lock table journal_state in exclusive mode`.execute(tx)
    let batch: StoreEvent[] = []
    for await (const event of eventsOf(tx)) {
      batch.push(event)
      if (batch.length < 1000) continue
      await journal.append(batch)
      batch = []
    }
    await journal.append(batch)
    await note(tx, journal.mark())
  })
  return journal
}
