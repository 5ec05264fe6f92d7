import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import { journalEntries } from '../journal.ts'
import { takeLock } from '../lock.ts'
import { sqlContext } from '../sql/context.ts'
import { migrate } from '../sql/migrations.ts'
import { openReconciled } from '../sql/reconcile.ts'
import { type SqlStore, sqlStore } from '../sql/store.ts'
import type { FeedbackTables } from '../sql/tables.ts'

/** How a PostgreSQL store is opened. */
export interface PostgresOptions {
  readonly clock?: Clock
  /** Most connections of this process. */
  readonly connections?: number
  /**
   * File of a journal that can rebuild the database; the process that keeps it is the only one that may write. Without it
   * several may.
   */
  readonly journal?: string | undefined
}

const oldestServer = 150_000
const int8 = 20

/** A store in a PostgreSQL database, 15 or newer. With a journal, the one that is behind is filled from the other. */
export async function postgresStore(
  url: string,
  { clock = Date.now, connections = 10, journal: path }: PostgresOptions = {},
): Promise<SqlStore> {
  const unlock = path === undefined ? async () => {} : await takeLock(`${path}.lock`)
  const database = connect(url, connections)
  const shown = withoutPassword(url)
  try {
    await assertUsable(database, shown)
    await migrate(database, 'postgres')
    const journal = path === undefined ? undefined : await openReconciled(path, database, 'postgres')
    const context = sqlContext({ database, dialect: 'postgres', clock, url: shown, journal })
    const close = async () => {
      await database.destroy()
      await journal?.close()
      await unlock()
    }
    return sqlStore(context, { url: shown, close })
  } catch (cause) {
    await database.destroy()
    await unlock()
    if (cause instanceof StoreError) throw cause
    throw new StoreError('unavailable', `${shown}: ${(cause as Error).message}`, { cause })
  }
}

function connect(url: string, connections: number): Kysely<FeedbackTables> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  pool.on('error', () => {}) // an idle connection was cut; the next query opens another
  pool.on('connect', (client) => client.on('error', () => {})) // one in use: its next query fails
  return new Kysely<FeedbackTables>({ dialect: new PostgresDialect({ pool }) })
}

/** Tables of the store; the server's own are not its. */
const tables = ['leases', 'judgments', 'skips', 'drafts', 'items', 'projects', 'journal_state']
const migrationTables = ['feedback_migration', 'feedback_migration_lock']

/**
 * Makes the store's tables of a database again from a journal alone; the old ones are kept in the schema `attune_old`.
 * Returns the events replayed. Throws when the journal's hash chain is broken.
 */
export async function rebuildPostgres(url: string, journal: string): Promise<number> {
  const unlock = await takeLock(`${journal}.lock`)
  let events = 0
  try {
    for await (const _ of journalEntries(journal)) events++
    const database = connect(url, 1)
    await database
      .transaction()
      .execute(async (tx) => {
        await sql`drop schema if exists attune_old cascade`.execute(tx)
        await sql`create schema attune_old`.execute(tx)
        // Kysely looks for a migration's tables in every schema
        for (const table of migrationTables)
          await sql`alter table if exists ${sql.table(table)} rename to ${sql.table(`${table}_old`)}`.execute(
            tx,
          )
        for (const table of [...tables, ...migrationTables.map((table) => `${table}_old`)])
          await sql`alter table if exists ${sql.table(table)} set schema attune_old`.execute(tx)
      })
      .finally(() => database.destroy())
  } finally {
    await unlock()
  }
  await (await postgresStore(url, { journal })).close()
  return events
}

/** Old servers, and servers that acknowledge before the disk has it, are refused. */
async function assertUsable(database: Kysely<FeedbackTables>, url: string): Promise<void> {
  const { rows } = await sql<{ version: string; fsync: string; commit: string }>`
    select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit`.execute(database)
  const { version, fsync, commit } = rows[0]!
  if (Number(version) < oldestServer)
    throw new StoreError('unavailable', `${url}: the server is version ${version}, expected 150000 or newer`)
  if (fsync !== 'on' || commit === 'off') {
    throw new StoreError(
      'unavailable',
      `${url}: fsync is ${fsync} and synchronous_commit is ${commit}, so that commits can be lost; turn both on`,
    )
  }
}

/** An address that may be shown. */
function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1@')
}
