import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import { type Journal, openJournal, readJournal } from '../journal.ts'
import { takeLock } from '../lock.ts'
import { sqlContext } from '../sql/context.ts'
import { applyEvent } from '../sql/events.ts'
import { migrate } from '../sql/migrations.ts'
import { eventsOf } from '../sql/read.ts'
import { type SqlStore, sqlStore } from '../sql/store.ts'
import type { FeedbackDatabase, FeedbackTables } from '../sql/tables.ts'
import { dialectOf, openDatabase } from './driver.ts'

/** How a SQLite store is opened. */
export interface SqliteOptions {
  readonly clock?: Clock
  /** False shares the file with other processes, without lock and journal; the database alone is durable then. */
  readonly exclusive?: boolean
}

const settings = [
  'pragma busy_timeout = 10000',
  'pragma journal_mode = wal',
  'pragma synchronous = full',
  'pragma foreign_keys = on',
]

/**
 * A store in one SQLite file, with `<file>.journal.jsonl` and `<file>.lock` beside it. What the journal has and the database
 * has not is put into it: a database that is gone is made again.
 */
export async function sqliteStore(
  path: string,
  { clock = Date.now, exclusive = true }: SqliteOptions = {},
): Promise<SqlStore> {
  await mkdir(dirname(path), { recursive: true })
  const unlock = exclusive ? await takeLock(`${path}.lock`) : async () => {}
  try {
    const raw = await openDatabase(path)
    for (const setting of settings) raw.exec(setting)
    const [check] = raw.prepare('pragma quick_check(1)').all() as [{ quick_check: string }]
    if (check.quick_check !== 'ok') {
      raw.close()
      throw damaged(path, check.quick_check)
    }
    const database = new Kysely<FeedbackTables>({ dialect: dialectOf(raw) })
    await migrate(database, 'sqlite')
    const journal = exclusive ? await openJournal(`${path}.journal.jsonl`) : undefined
    if (journal) {
      await reconcile(database, journal).catch(async (cause) => {
        await database.destroy()
        await journal.close()
        throw cause
      })
    }
    const url = `sqlite:${path}`
    const context = sqlContext({ database, dialect: 'sqlite', clock, url, journal })
    const close = async () => {
      await database.destroy()
      await journal?.close()
      await unlock()
    }
    return sqlStore(context, { url, close })
  } catch (cause) {
    await unlock()
    if (cause instanceof StoreError) throw cause
    const { message } = cause as Error
    if (/not a database|malformed/.test(message)) throw damaged(path, message)
    throw new StoreError('unavailable', `${path}: ${message}`, { cause })
  }
}

function damaged(path: string, message: string): StoreError {
  return new StoreError(
    'unavailable',
    `${path}: the database is damaged (${message}); 'attune store rebuild sqlite:${path}' makes it again from its journal`,
  )
}

/** Brings database and journal to the same state: the one that is behind is filled from the other. */
async function reconcile(database: FeedbackDatabase, journal: Journal): Promise<void> {
  const { sequence } = await database
    .selectFrom('journal_state')
    .select('sequence')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
  const written = journal.mark().sequence
  if (written === sequence) return
  const finish = (last: number) =>
    database.updateTable('journal_state').set({ sequence: last }).where('id', '=', 1).execute()
  if (written > sequence) {
    await database.transaction().execute(async (tx) => {
      for await (const event of readJournal(journal.path, { after: sequence })) await applyEvent(tx, event)
    })
    await finish(written)
    return
  }
  await journal.rewind({ sequence: 0, hash: '0'.repeat(64), size: 0 })
  let batch = []
  for await (const event of eventsOf(database)) {
    batch.push(event)
    if (batch.length === 1000) {
      await journal.append(batch)
      batch = []
    }
  }
  await finish(await journal.append(batch))
}

/**
 * Makes a database again from its journal alone; the old files are kept as `<file>.old`. Returns the events replayed.
 * Throws when the journal's hash chain is broken.
 */
export async function rebuildFromJournal(path: string, options: SqliteOptions = {}): Promise<number> {
  const unlock = await takeLock(`${path}.lock`)
  let events = 0
  try {
    for await (const _ of readJournal(`${path}.journal.jsonl`)) events++
    for (const end of ['', '-wal', '-shm']) {
      await rm(`${path}.old${end}`, { force: true })
      await rename(`${path}${end}`, `${path}.old${end}`).catch(() => {})
    }
  } finally {
    await unlock()
  }
  await (await sqliteStore(path, options)).close()
  return events
}
