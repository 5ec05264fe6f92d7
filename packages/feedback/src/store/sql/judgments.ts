import { newId } from '../../model/id.ts'
import { type Judgment, judgmentSchema, type StoredJudgment } from '../../model/judgment.ts'
import type { FeedbackStore, Submitted } from '../contract.ts'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import { assertOwn, assertSameDelivery, draftOf, isAnswer, parsed } from '../rules.ts'
import type { SqlContext } from './context.ts'
import { insertJudgment, putDraft } from './events.ts'
import { grant } from './queue.ts'
import { judgmentById, judgmentsOf } from './read.ts'
import { count, lockItem } from './slots.ts'
import type { FeedbackDatabase, FeedbackTransaction } from './tables.ts'

interface Delivery {
  readonly key: string
  readonly lease?: string
}

/** Judgments of a SQL store. */
export function sqlJudgments(context: SqlContext) {
  const { database, change, clock } = context
  return {
    submit: async (given, delivery) => {
      const judgment = parsed(judgmentSchema, given, 'judgment')
      return change((tx, events) => submit(tx, judgment, { ...delivery, context, events }))
    },
    delivered: (project, key) => firstDelivery(database, { project, key }),
    retract: async (id, annotator, { leaseSeconds }) => {
      const judgment = await judgmentById(database, id)
      assertOwn(judgment, id, { annotator })
      const { project, item, protocol } = judgment
      const time = new Date(clock()).toISOString()
      const kind = 'retraction' as const
      const record = {
        kind,
        project,
        item,
        annotator: judgment.annotator,
        time,
        protocol,
        supersedes: id,
      }
      return change(async (tx, events) => {
        const key = `retract ${id}`
        const { judgment: retraction, duplicate } = await submit(tx, record, { key, context, events })
        const { filled, held, need } = await lockItem(tx, { project, item }, context.dialect)
        const isFree = filled + held < need && !(await hasAnswered(tx, judgment))
        if (duplicate || !isAnswer(judgment) || !isFree) return { retraction, claim: null }
        const draft = { project, item, annotator, body: draftOf(judgment), time }
        await putDraft(tx, draft)
        events.push({ type: 'draft', draft })
        await count(tx, { project, item }, { held: 1 })
        const expires = clock() + leaseSeconds * 1000
        return { retraction, claim: await grant(tx, { project, item, annotator, expires }) }
      })
    },
    judgment: (id) => judgmentById(database, id),
    judgments: (project, filter) => judgmentsOf(database, project, filter),
  } satisfies Partial<FeedbackStore>
}

async function hasAnswered(
  tx: FeedbackTransaction,
  { project, item, annotator }: Pick<StoredJudgment, 'project' | 'item' | 'annotator'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('judgments')
    .select('id')
    .where('project', '=', project)
    .where('item', '=', item)
    .where('annotator', '=', annotator.id)
    .where('active', '=', 1)
    .where('answer', '=', 1)
    .executeTakeFirst()
  return row !== undefined
}

async function firstDelivery(
  db: FeedbackDatabase | FeedbackTransaction,
  { project, key }: { project: string; key: string },
): Promise<Submitted | null> {
  const query = db.selectFrom('judgments').select(['body', 'extra'])
  const row = await query.where('project', '=', project).where('key', '=', key).executeTakeFirst()
  if (!row) return null
  return { judgment: JSON.parse(row.body) as StoredJudgment, duplicate: true, extra: row.extra === 1 }
}

/** The item's row is locked before anything about the slot is read, so two deliveries never decide at once. */
async function submit(
  tx: FeedbackTransaction,
  valid: Judgment,
  { key, lease, context, events }: Delivery & { context: SqlContext; events: StoreEvent[] },
): Promise<Submitted> {
  const { project = '' } = valid
  const place = { project, item: valid.item }
  const target = await lockItem(tx, place, context.dialect)
  const first = await firstDelivery(tx, { project, key })
  if (first) {
    assertSameDelivery(first.judgment, valid, key)
    return first
  }
  const judgment: StoredJudgment = { ...valid, id: valid.id ?? newId(), project }
  if (valid.id !== undefined && (await judgmentById(tx, valid.id)))
    throw new StoreError('conflict', `judgment '${judgment.id}' is there already under another key`)
  const replaces = judgment.supersedes !== undefined && (await replacesAnswer(tx, judgment))
  const ended = await endLeases(tx, judgment, { lease, now: context.clock() })
  const hasRoom = target.filled + target.held - ended.expired < target.need
  const fits = replaces || (!(await hasAnswered(tx, judgment)) && (ended.own || hasRoom))
  const extra = isAnswer(judgment) && (target.gold === 1 || !fits)
  await insertJudgment(tx, { judgment, key, extra, held: -ended.count })
  events.push({ type: 'judgment', judgment, key, extra })
  return { judgment, duplicate: false, extra }
}

/** Ends an item's expired leases, and that of the annotator who answers (or names it). The item's count is the caller's. */
async function endLeases(
  tx: FeedbackTransaction,
  judgment: StoredJudgment,
  { lease, now }: { lease: string | undefined; now: number },
): Promise<{ count: number; expired: number; own: boolean }> {
  const { project, item, annotator } = judgment
  const rows = await tx
    .deleteFrom('leases')
    .where('project', '=', project)
    .where('item', '=', item)
    .where((or) =>
      or.or([
        or('expires_at', '<=', now),
        ...(isAnswer(judgment) ? [or('annotator', '=', annotator.id)] : []),
        ...(lease === undefined ? [] : [or.and({ id: lease, annotator: annotator.id })]),
      ]),
    )
    .returning(['annotator', 'expires_at'])
    .execute()
  const live = rows.filter(({ expires_at }) => expires_at > now)
  return { count: rows.length, expired: rows.length - live.length, own: live.length > 0 }
}

/** Whether a judgment takes the slot of the one it supersedes. Throws when that is not the annotator's own. */
async function replacesAnswer(tx: FeedbackTransaction, judgment: StoredJudgment): Promise<boolean> {
  const { project, item, annotator } = judgment
  const id = judgment.supersedes!
  const earlier = await tx.selectFrom('judgments').selectAll().where('id', '=', id).executeTakeFirst()
  const found = earlier && (JSON.parse(earlier.body) as StoredJudgment)
  assertOwn(found, id, { annotator: annotator.id, item, project })
  return earlier!.active === 1 && earlier!.answer === 1 && earlier!.extra === 0
}
