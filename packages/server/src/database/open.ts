import type { FeedbackStore } from '@attune/feedback/store'
import { DatabaseSync } from '@photostructure/sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { migrate } from './migrate.ts'
import type { Database, ServerTables, SqlDialect } from './schema.ts'

/** The server's tables in the store's own database; beside a store in memory they are in memory too. */
export async function openDatabase(
  store: FeedbackStore,
): Promise<{ database: Database; close: () => Promise<void> }> {
  const dialect: SqlDialect = store.url.startsWith('postgres') ? 'postgres' : 'sqlite'
  const shared = (store as { database?: unknown }).database as Database | undefined
  const database = shared ?? inMemory()
  await migrate(database, dialect)
  return { database, close: async () => (shared ? undefined : database.destroy()) }
}

function inMemory(): Database {
  const connection = new DatabaseSync(':memory:')
  return new Kysely<ServerTables>({
    dialect: new SqliteDialect({
      database: {
        close: () => connection.close(),
        prepare: (text) => {
          const statement = connection.prepare(text)
          return {
            reader: statement.columns().length > 0,
            all: (parameters) => statement.all(...(parameters as never[])),
            iterate: (parameters) =>
              statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
            run: (parameters) => {
              const { changes, lastInsertRowid } = statement.run(...(parameters as never[]))
              return { changes, lastInsertRowid }
            },
          }
        },
      },
    }),
  })
}
