import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { type Item, itemSchema } from '../../model/item.ts'
import type { Project } from '../../model/project.ts'
import { StoreError } from '../error.ts'
import type { SqlContext } from './context.ts'
import type { FeedbackTables, FeedbackTransaction, SqlDialect } from './tables.ts'

/** A place on an item by its two keys. */
export interface ItemKey {
  readonly project: string
  readonly item: string
}

/** A project. Throws `not-found`. */
export async function projectOf(db: Kysely<FeedbackTables>, id: string): Promise<Project> {
  const row = await db.selectFrom('projects').select('body').where('id', '=', id).executeTakeFirst()
  if (!row) throw new StoreError('not-found', `project '${id}' is not there`)
  return JSON.parse(row.body) as Project
}

/** An item's row, locked until the transaction ends (SQLite has one writer anyway). Throws `not-found`. */
export async function lockItem(tx: FeedbackTransaction, { project, item }: ItemKey, dialect: SqlDialect) {
  const query = tx.selectFrom('items').selectAll().where('project', '=', project).where('id', '=', item)
  const row = await (dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  if (row) return row
  await projectOf(tx, project)
  throw new StoreError('not-found', `item '${item}' is not in project '${project}'`)
}

/** The item of a row's JSON. */
export function itemOf(body: string): Item {
  return itemSchema.parse(JSON.parse(body))
}

/** Adds to an item's counts. */
export async function count(
  tx: FeedbackTransaction,
  { project, item }: ItemKey,
  { filled = 0, held = 0 }: { filled?: number; held?: number },
): Promise<void> {
  if (filled === 0 && held === 0) return
  await tx
    .updateTable('items')
    .set({ filled: sql`filled + ${filled}`, held: sql`held + ${held}` })
    .where('project', '=', project)
    .where('id', '=', item)
    .execute()
}

/** Ends the expired leases of a locked item. Returns how many. */
export async function sweepItem(
  tx: FeedbackTransaction,
  { project, item }: ItemKey,
  now: number,
): Promise<number> {
  const gone = await tx
    .deleteFrom('leases')
    .where('project', '=', project)
    .where('item', '=', item)
    .where('expires_at', '<=', now)
    .returning('id')
    .execute()
  await count(tx, { project, item }, { held: -gone.length })
  return gone.length
}

/** Ends the expired leases of a project, each item by itself: who holds one item never waits for another. */
export async function sweepProject({ database, transact, dialect, clock }: SqlContext, project: string) {
  const now = clock()
  const expired = await database
    .selectFrom('leases')
    .select('item')
    .distinct()
    .where('project', '=', project)
    .where('expires_at', '<=', now)
    .orderBy('item')
    .execute()
  for (const { item } of expired) {
    await transact(async (tx) => {
      await lockItem(tx, { project, item }, dialect)
      await sweepItem(tx, { project, item }, now)
    })
  }
}
