import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import { journalEntries } from '../journal.ts'
import { takeLock } from '../lock.ts'
import { sqlContext } from '../sql/context.ts'
import { migrate } from '../sql/migrations.ts'
import { openReconciled } from '../sql/reconcile.ts'
import { type SqlStore, sqlStore } from '../sql/store.ts'
import type { FeedbackTables } from '../sql/tables.ts'
import { dialectOf } from './dialect.ts'
import { type Connections, openDatabase } from './driver.ts'

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
    const database = new Kysely<FeedbackTables>({ dialect: dialectOf(await connect(path)) })
    const prepare = async () => {
      await migrate(database, 'sqlite')
      return exclusive ? await openReconciled(`${path}.journal.jsonl`, database, 'sqlite') : undefined
    }
    const journal = await prepare().catch(async (cause) => {
      await database.destroy()
      throw cause
    })
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

async function connect(path: string): Promise<Connections> {
  const writer = await openDatabase(path)
  for (const setting of settings) writer.exec(setting)
  const [check] = writer.prepare('pragma quick_check(1)').all() as [{ quick_check: string }]
  if (check.quick_check !== 'ok') {
    writer.close()
    throw damaged(path, check.quick_check)
  }
  const reader = await openDatabase(path)
  for (const setting of ['pragma busy_timeout = 10000', 'pragma query_only = on']) reader.exec(setting)
  return { writer, reader }
}

function damaged(path: string, message: string): StoreError {
  return new StoreError(
    'unavailable',
    `${path}: the database is damaged (${message}); 'attune store rebuild sqlite:${path}' makes it again from its journal`,
  )
}

/**
 * Makes a database again from its journal alone; the old files are kept as `<file>.old`. Returns the events replayed.
 * Throws when the journal's hash chain is broken.
 */
export async function rebuildFromJournal(path: string, options: SqliteOptions = {}): Promise<number> {
  const unlock = await takeLock(`${path}.lock`)
  let events = 0
  try {
    for await (const _ of journalEntries(`${path}.journal.jsonl`)) events++
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
