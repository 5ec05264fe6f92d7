import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { StoreError } from '../error.ts'

/** What the store needs of `node:sqlite` and of modules with its shape. */
export interface DatabaseSync {
  exec(sql: string): void
  prepare(sql: string): StatementSync
  close(): void
}

interface StatementSync {
  all(...values: readonly unknown[]): unknown[]
  run(...values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(...values: readonly unknown[]): IterableIterator<unknown>
  columns(): readonly unknown[]
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => DatabaseSync
}

/** The oldest SQLite whose write-ahead log is safe: the WAL-reset bug was mended in it. */
const oldest = '3.51.3'

/** Opens a database with Node's own SQLite where it is new enough, else with `@photostructure/sqlite`. */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  const found: string[] = []
  for (const name of ['node:sqlite', '@photostructure/sqlite']) {
    const module = (await import(name).catch(() => null)) as SqliteModule | null
    if (!module) continue
    const version = versionOf(new module.DatabaseSync(':memory:'))
    if (isAtLeast(version, oldest)) return new module.DatabaseSync(path)
    found.push(`${name} has ${version}`)
  }
  throw new StoreError(
    'unavailable',
    `SQLite ${oldest} or newer is needed, for older ones can lose commits; ${found.join(', ') || 'no driver was found'}. Install @photostructure/sqlite`,
  )
}

/** Whether a dotted version is at least another. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number))
  const place = want!.findIndex((part, i) => part !== (have![i] ?? 0))
  return place < 0 || (have![place] ?? 0) > want![place]!
}

function versionOf(database: DatabaseSync): string {
  const [row] = database.prepare('select sqlite_version() as version').all() as [{ version: string }]
  database.close()
  return row.version
}

/** Kysely on such a database; every transaction takes the write lock at its beginning. */
export function dialectOf(database: DatabaseSync): SqliteDialect {
  const statements = new Map<string, SqliteStatement>()
  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql)
    return {
      reader: statement.columns().length > 0,
      all: (values) => statement.all(...values),
      run: (values) => statement.run(...values),
      iterate: (values) => statement.iterate(...values),
    }
  }
  const adapted: SqliteDatabase = {
    close: () => {
      statements.clear()
      database.exec('pragma wal_checkpoint(truncate)') // one file is left, safe to copy
      database.close()
    },
    prepare: (sql) => {
      const known = statements.get(sql)
      if (known) return known
      const statement = prepare(sql)
      if (statements.size >= 500) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
  return new SqliteDialect({ database: adapted })
}
