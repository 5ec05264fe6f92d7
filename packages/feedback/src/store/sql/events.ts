import { sql } from 'kysely'
import type { Item } from '../../model/item.ts'
import type { StoredJudgment } from '../../model/judgment.ts'
import type { Project } from '../../model/project.ts'
import type { Draft, JudgmentEvent, Skip, StoreEvent } from '../event.ts'
import { isAnswer, needOf, shuffleOf } from '../rules.ts'
import type { SqlContext } from './context.ts'
import { count, projectOf } from './slots.ts'
import type { FeedbackTransaction } from './tables.ts'

/** Makes an accepted change part of the database. Returns false when it was already. */
export async function applyEvent(tx: FeedbackTransaction, event: StoreEvent): Promise<boolean> {
  switch (event.type) {
    case 'project':
      return putProject(tx, event.project)
    case 'item':
      return putItem(tx, event.item)
    case 'judgment':
      return applyJudgment(tx, event)
    case 'skip':
      return applySkip(tx, event.skip)
    case 'draft':
      await putDraft(tx, event.draft)
      return true
  }
}

/** Inserts a project, or changes it with the needs of its items. Returns whether it is new. */
export async function putProject(tx: FeedbackTransaction, project: Project): Promise<boolean> {
  const known = await tx.selectFrom('projects').select('id').where('id', '=', project.id).executeTakeFirst()
  const row = { id: project.id, body: JSON.stringify(project), created_at: Date.parse(project.createdAt) }
  await tx
    .insertInto('projects')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ body: row.body }))
    .execute()
  await tx
    .updateTable('items')
    .set({ need: sql`coalesce(overlap, ${project.protocol.overlap})` })
    .where('project', '=', project.id)
    .where('gold', '=', 0)
    .execute()
  return !known
}

/** Inserts items that are not there. Returns how many. */
export async function putItems(tx: FeedbackTransaction, items: readonly Item[]): Promise<number> {
  if (items.length === 0) return 0
  const { protocol } = await projectOf(tx, items[0]!.project)
  const rows = items.map((item) => ({
    project: item.project,
    id: item.id,
    body: JSON.stringify(item),
    gold: item.gold ? 1 : 0,
    priority: item.priority ?? 0,
    shuffle: shuffleOf(item),
    need: needOf(item, protocol),
    overlap: item.overlap ?? null,
    filled: 0,
    held: 0,
  }))
  let added = 0
  for (let first = 0; first < rows.length; first += 500) {
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('items')
      .values(rows.slice(first, first + 500))
      .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
      .executeTakeFirstOrThrow()
    added += Number(numInsertedOrUpdatedRows)
  }
  return added
}

/** Inserts an item, or changes its priority and overlap. Returns whether it is new. */
async function putItem(tx: FeedbackTransaction, item: Item): Promise<boolean> {
  if ((await putItems(tx, [item])) > 0) return true
  const { protocol } = await projectOf(tx, item.project)
  await tx
    .updateTable('items')
    .set({
      body: JSON.stringify(item),
      priority: item.priority ?? 0,
      need: needOf(item, protocol),
      overlap: item.overlap ?? null,
    })
    .where('project', '=', item.project)
    .where('id', '=', item.id)
    .execute()
  return false
}

/** Inserts a judgment that is not there, and ends the one that it supersedes. */
async function applyJudgment(
  tx: FeedbackTransaction,
  { judgment, key, extra }: JudgmentEvent,
): Promise<boolean> {
  const known = await tx
    .selectFrom('judgments')
    .select('id')
    .where('id', '=', judgment.id!)
    .executeTakeFirst()
  if (known) return false
  await insertJudgment(tx, { judgment: judgment as StoredJudgment, key, extra })
  return true
}

/**
 * Inserts a judgment on a locked item, with what follows: counts, the end of what it supersedes, no draft any more. `held` is what
 * is to be added to the item's leases.
 */
export async function insertJudgment(
  tx: FeedbackTransaction,
  {
    judgment,
    key,
    extra,
    held = 0,
  }: { judgment: StoredJudgment; key: string; extra: boolean; held?: number },
): Promise<void> {
  const { project, item, annotator } = judgment
  const answer = isAnswer(judgment)
  let filled = answer && !extra ? 1 : 0
  if (judgment.supersedes !== undefined) {
    const ended = await tx
      .updateTable('judgments')
      .set({ active: 0 })
      .where('id', '=', judgment.supersedes)
      .where('active', '=', 1)
      .returning(['answer', 'extra'])
      .executeTakeFirst()
    if (ended?.answer === 1 && ended.extra === 0) filled--
  }
  await tx
    .insertInto('judgments')
    .values({
      id: judgment.id,
      project,
      item,
      annotator: annotator.id,
      kind: judgment.kind,
      key,
      body: JSON.stringify(judgment),
      answer: answer ? 1 : 0,
      extra: extra ? 1 : 0,
      active: 1,
      seconds: judgment.durationSeconds ?? 0,
    })
    .execute()
  await count(tx, { project, item }, { filled, held })
  if (!answer) return
  await tx
    .deleteFrom('drafts')
    .where('project', '=', project)
    .where('item', '=', item)
    .where('annotator', '=', annotator.id)
    .execute()
}

/** Keeps a skip; one of the policy `drop` fills the slot. */
export async function applySkip(tx: FeedbackTransaction, skip: Skip): Promise<boolean> {
  const { project, item, annotator, reason, policy, time } = skip
  const known = await tx
    .selectFrom('skips')
    .select(['policy', 'time'])
    .where('project', '=', project)
    .where('item', '=', item)
    .where('annotator', '=', annotator)
    .executeTakeFirst()
  if (known?.time === time) return false
  await tx
    .insertInto('skips')
    .values(skip)
    .onConflict((conflict) =>
      conflict.columns(['project', 'item', 'annotator']).doUpdateSet({ reason, policy, time }),
    )
    .execute()
  if (policy === 'drop' && known?.policy !== 'drop') await count(tx, { project, item }, { filled: 1 })
  return true
}

/** Keeps a draft in the place of an older one. */
export async function putDraft(tx: FeedbackTransaction, draft: Draft): Promise<void> {
  const { project, item, annotator, time } = draft
  const body = JSON.stringify(draft.body ?? null)
  await tx
    .insertInto('drafts')
    .values({ project, item, annotator, body, time })
    .onConflict((conflict) => conflict.columns(['project', 'item', 'annotator']).doUpdateSet({ body, time }))
    .execute()
}

/** Whether what an event makes is there already, perhaps as it became later; of judgments `applyEvent` itself knows. */
async function isKnown(tx: FeedbackTransaction, event: StoreEvent): Promise<boolean> {
  switch (event.type) {
    case 'project': {
      const { id } = event.project
      return !!(await tx.selectFrom('projects').select('id').where('id', '=', id).executeTakeFirst())
    }
    case 'item': {
      const { project, id } = event.item
      const place = tx
        .selectFrom('items')
        .select('id')
        .where((row) => row.and({ project, id }))
      return !!(await place.executeTakeFirst())
    }
    case 'judgment':
      return false
    case 'skip': {
      const { project, item, annotator } = event.skip
      const place = tx
        .selectFrom('skips')
        .select('time')
        .where((row) => row.and({ project, item, annotator }))
      return !!(await place.executeTakeFirst())
    }
    case 'draft': {
      const { project, item, annotator } = event.draft
      const place = tx
        .selectFrom('drafts')
        .select('time')
        .where((row) => row.and({ project, item, annotator }))
      return !!(await place.executeTakeFirst())
    }
  }
}

/** Applies changes in batches of one transaction each; what is there already is left. Returns how many were new. */
export async function restoreEvents(
  { change }: SqlContext,
  events: AsyncIterable<StoreEvent> | Iterable<StoreEvent>,
): Promise<number> {
  let restored = 0
  let batch: StoreEvent[] = []
  const flush = async () => {
    const now = batch
    batch = []
    restored += await change(async (tx, journal) => {
      let fresh = 0
      for (const event of now) {
        if ((await isKnown(tx, event)) || !(await applyEvent(tx, event))) continue
        journal.push(event)
        fresh++
      }
      return fresh
    })
  }
  for await (const event of events) {
    batch.push(event)
    if (batch.length === 500) await flush()
  }
  if (batch.length > 0) await flush()
  return restored
}
