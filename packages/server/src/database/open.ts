import { type FeedbackStore, isSqlStore } from '@attune/feedback/store'
import { migrate } from './migrate.ts'
import type { Database } from './schema.ts'

/** The server's tables in the store's own database. Throws when the store is in none. */
export async function openDatabase(store: FeedbackStore): Promise<Database> {
  if (!isSqlStore(store))
    throw new Error(`${store.url}: the server needs a database, sqlite:<file> or postgres://…`)
  const database = store.database as unknown as Database // its own tables, which the store knows nothing of
  await migrate(database, store.url.startsWith('postgres') ? 'postgres' : 'sqlite')
  return database
}
