import { sql } from 'kysely'
import type { StoredJudgment } from '../../model/judgment.ts'
import type { Project } from '../../model/project.ts'
import type {
  AnnotatorProgress,
  ItemProgress,
  ItemQuery,
  JudgmentFilter,
  Page,
  Progress,
} from '../contract.ts'
import type { StoreEvent } from '../event.ts'
import { itemOf, projectOf } from './slots.ts'
import type { FeedbackDatabase, FeedbackTransaction } from './tables.ts'

/** Rows read at a time, so that a reader neither fills the memory nor holds the connection. */
const pageRows = 1000

/** A judgment by its id. */
export async function judgmentById(
  db: FeedbackDatabase | FeedbackTransaction,
  id: string,
): Promise<StoredJudgment | null> {
  const row = await db.selectFrom('judgments').select('body').where('id', '=', id).executeTakeFirst()
  return row ? (JSON.parse(row.body) as StoredJudgment) : null
}

/** Judgments as they were when `last` was the newest, whatever is submitted meanwhile. */
async function* judgmentRows(db: FeedbackDatabase, project: string, filter: JudgmentFilter, last: number) {
  const { item, annotator, kind, active = true } = filter
  for (let after = await sequenceOf(db, filter.after); ; ) {
    const rows = await db
      .selectFrom('judgments')
      .select(['sequence', 'id', 'body', 'key', 'extra', 'active'])
      .where('project', '=', project)
      .where('sequence', '>', after)
      .where('sequence', '<=', last)
      .$if(item !== undefined, (query) => query.where('item', '=', item!))
      .$if(annotator !== undefined, (query) => query.where('annotator', '=', annotator!))
      .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
      .$if(active, (query) => query.where('kind', '<>', 'retraction'))
      .orderBy('sequence')
      .limit(pageRows)
      .execute()
    const hasEnded = active && rows.some((row) => row.active === 0)
    const endedSince = hasEnded ? await supersededAfter(db, project, last) : new Set<string>()
    for (const { id, body, key, extra, active: isActive } of rows)
      if (!active || isActive === 1 || endedSince.has(id))
        yield { judgment: JSON.parse(body) as StoredJudgment, key, extra: extra === 1 }
    if (rows.length < pageRows) return
    after = rows.at(-1)!.sequence
  }
}

/** What judgments after `last` have superseded. */
async function supersededAfter(db: FeedbackDatabase, project: string, last: number): Promise<Set<string>> {
  const later = await db
    .selectFrom('judgments')
    .select('body')
    .where('project', '=', project)
    .where('sequence', '>', last)
    .execute()
  return new Set(later.flatMap(({ body }) => (JSON.parse(body) as StoredJudgment).supersedes ?? []))
}

async function newestSequence(db: FeedbackDatabase): Promise<number> {
  const row = await db
    .selectFrom('judgments')
    .select(({ fn }) => fn.max<number | null>('sequence').as('last'))
    .executeTakeFirstOrThrow()
  return row.last ?? 0
}

async function sequenceOf(db: FeedbackDatabase, id: string | undefined): Promise<number> {
  if (id === undefined) return 0
  const row = await db.selectFrom('judgments').select('sequence').where('id', '=', id).executeTakeFirst()
  return row?.sequence ?? 0
}

/** Judgments of this moment in the order of their acceptance. Throws `not-found` at the first step. */
export async function* judgmentsOf(
  db: FeedbackDatabase,
  project: string,
  filter: JudgmentFilter = {},
): AsyncGenerator<StoredJudgment> {
  await projectOf(db, project)
  const last = await newestSequence(db)
  for await (const { judgment } of judgmentRows(db, project, filter, last)) yield judgment
}

/** All projects, oldest first. */
export async function projectsOf(db: FeedbackDatabase): Promise<Project[]> {
  const rows = await db.selectFrom('projects').select('body').orderBy('created_at').orderBy('id').execute()
  return rows.map(({ body }) => JSON.parse(body) as Project)
}

/** A page of items; the cursor is the sequence of the last one. */
export async function itemsOf(
  db: FeedbackDatabase,
  project: string,
  { ids, state, gold, cursor, limit }: ItemQuery,
): Promise<Page<ItemProgress>> {
  await projectOf(db, project)
  const rows = await db
    .selectFrom('items')
    .selectAll()
    .where('project', '=', project)
    .where('sequence', '>', Number(cursor ?? 0))
    .$if(ids !== undefined, (query) => query.where('id', 'in', ids!))
    .$if(state === 'open', (query) => query.whereRef('filled', '<', 'need'))
    .$if(state === 'done', (query) => query.whereRef('filled', '>=', 'need'))
    .$if(gold !== undefined, (query) => query.where('gold', '=', gold ? 1 : 0))
    .orderBy('sequence')
    .limit(limit + 1)
    .execute()
  const items = rows.slice(0, limit).map(({ body, filled, held, need }): ItemProgress => {
    return { item: itemOf(body), state: filled >= need ? 'done' : 'open', filled, held }
  })
  return { items, nextCursor: rows.length > limit ? String(rows[limit - 1]!.sequence) : null }
}

/** How far a project is. */
export async function progressOf(db: FeedbackDatabase, id: string): Promise<Progress> {
  await projectOf(db, id)
  const items = await db
    .selectFrom('items')
    .select(({ fn }) => [fn.countAll<number>().as('items'), fn.sum<number>('filled').as('filled')])
    .select(({ fn }) => fn.sum<number>('need').as('need'))
    .where('project', '=', id)
    .where('gold', '=', 0)
    .executeTakeFirstOrThrow()
  const people = await db
    .selectFrom('judgments')
    .select('annotator')
    .select(({ fn }) => [fn.countAll<number>().as('done'), fn.sum<number>('extra').as('extra')])
    .select(sql<number>`sum(seconds)`.as('seconds'))
    .where('project', '=', id)
    .where('active', '=', 1)
    .where('answer', '=', 1)
    .groupBy('annotator')
    .execute()
  const skips = await db
    .selectFrom('skips')
    .select('annotator')
    .select(({ fn }) => fn.countAll<number>().as('skipped'))
    .where('project', '=', id)
    .groupBy('annotator')
    .execute()
  const skipped = new Map(skips.map((row) => [row.annotator, Number(row.skipped)]))
  const done = new Map(people.map((row) => [row.annotator, row]))
  const perAnnotator = [...new Set([...done.keys(), ...skipped.keys()])]
    .sort((a, b) => (a < b ? -1 : 1))
    .map(
      (annotator): AnnotatorProgress => ({
        annotator,
        done: Number(done.get(annotator)?.done ?? 0),
        skipped: skipped.get(annotator) ?? 0,
        seconds: Number(done.get(annotator)?.seconds ?? 0),
      }),
    )
  return {
    items: Number(items.items),
    slots: Number(items.need ?? 0),
    done: Number(items.filled ?? 0),
    skipped: [...skipped.values()].reduce((a, b) => a + b, 0),
    extra: people.reduce((total, row) => total + Number(row.extra), 0),
    perAnnotator,
  }
}

/** Everything that is kept, as the changes that make it again. */
export async function* eventsOf(db: FeedbackDatabase): AsyncGenerator<StoreEvent> {
  const last = await newestSequence(db) // before the items: none that is judged is missed
  for (const project of await projectsOf(db)) {
    yield { type: 'project', project }
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page: Page<ItemProgress> = await itemsOf(db, project.id, { cursor, limit: pageRows })
      for (const { item } of page.items) yield { type: 'item', item }
      cursor = page.nextCursor
    }
    for await (const entry of judgmentRows(db, project.id, { active: false }, last))
      yield { type: 'judgment', ...entry }
    const skips = await db.selectFrom('skips').selectAll().where('project', '=', project.id).execute()
    for (const { policy, ...skip } of skips)
      yield { type: 'skip', skip: { ...skip, policy: policy as 'to-others' | 'to-me-later' | 'drop' } }
    const drafts = await db.selectFrom('drafts').selectAll().where('project', '=', project.id).execute()
    for (const { body, ...draft } of drafts)
      yield { type: 'draft', draft: { ...draft, body: JSON.parse(body) } }
  }
}
