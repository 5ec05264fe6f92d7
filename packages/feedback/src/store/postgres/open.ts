import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Clock } from '../contract.ts'
import { StoreError } from '../error.ts'
import { sqlContext } from '../sql/context.ts'
import { migrate } from '../sql/migrations.ts'
import { type SqlStore, sqlStore } from '../sql/store.ts'
import type { FeedbackTables } from '../sql/tables.ts'

/** How a PostgreSQL store is opened. */
export interface PostgresOptions {
  readonly clock?: Clock
  /** Most connections of this process. */
  readonly connections?: number
}

const oldestServer = 150_000
const int8 = 20

/** A store in a PostgreSQL database, 15 or newer; several processes may share it. */
export async function postgresStore(
  url: string,
  { clock = Date.now, connections = 10 }: PostgresOptions = {},
): Promise<SqlStore> {
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
  const database = new Kysely<FeedbackTables>({ dialect: new PostgresDialect({ pool }) })
  const shown = withoutPassword(url)
  try {
    await assertUsable(database, shown)
    await migrate(database, 'postgres')
  } catch (cause) {
    await database.destroy()
    if (cause instanceof StoreError) throw cause
    throw new StoreError('unavailable', `${shown}: ${(cause as Error).message}`, { cause })
  }
  const context = sqlContext({ database, dialect: 'postgres', clock, url: shown })
  return sqlStore(context, { url: shown, close: () => database.destroy() })
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
