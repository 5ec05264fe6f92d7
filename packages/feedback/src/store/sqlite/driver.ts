import { StoreError } from '../error.ts'

/** What the store needs of `node:sqlite` and of modules with its shape. */
export interface DatabaseSync {
  exec(sql: string): void
  prepare(sql: string): StatementSync
  close(): void
}

/** A prepared statement. */
export interface StatementSync {
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

/** The two connections of a store: SQLite lets many read while one writes. */
export interface Connections {
  readonly writer: DatabaseSync
  readonly reader: DatabaseSync
}

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
