import type { z } from 'zod'
import type { Item, NewItem } from '../model/item.ts'
import type { StoredJudgment } from '../model/judgment.ts'
import type { Protocol } from '../model/project.ts'
import { prioritiesOf } from '../select/priorities.ts'
import { randomNumbers } from '../simulate/random.ts'
import { StoreError } from './error.ts'

/** Slots of a gold item: everyone may answer it. */
export const unlimited = 1_000_000_000

/** How many answers an item wants. */
export function needOf(item: Item, { overlap }: Protocol): number {
  return item.gold ? unlimited : (item.overlap ?? overlap)
}

/** Place of an item among equal priorities: a random number below 2³² that is the item's own. */
export function shuffleOf({ project, id }: Pick<Item, 'project' | 'id'>): number {
  return randomNumbers('order', project, id).int(2 ** 32)
}

/** Priorities that a protocol gives to new items. Throws `invalid` with the item whose scores it cannot compare. */
export function givenPriorities(items: readonly NewItem[], { order }: Protocol): Map<string, number> {
  try {
    return prioritiesOf(items, order)
  } catch (cause) {
    if (cause instanceof RangeError) throw new StoreError('invalid', cause.message)
    throw cause
  }
}

/** Whether an annotator's next item is a gold question, so that gold never exceeds its share. */
export function goldIsDue({ gold, all }: { gold: number; all: number }, share: number): boolean {
  return share > 0 && gold + 1 <= share * (all + 1) + 1e-9
}

/** Whether a judgment is an answer, which fills a slot; flags and retractions are not. */
export function isAnswer({ kind }: Pick<StoredJudgment, 'kind'>): boolean {
  return kind !== 'flag' && kind !== 'retraction'
}

/** The fields of a judgment that a draft of its correction starts from. */
export function draftOf(judgment: StoredJudgment): unknown {
  const { id: _id, project: _project, item: _item, annotator: _who, time: _time, ...answer } = judgment
  return answer
}

/** A value that a schema accepts. Throws `invalid` with the field, and what is wrong with it. */
export function parsed<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue!.path.length > 0 ? `${what}, field ${issue!.path.join('.')}` : what
  throw new StoreError('invalid', `${where}: ${issue!.message}`)
}

/** Throws unless a delivery is the same slot as the first one under its key. */
export function assertSameDelivery(
  first: StoredJudgment,
  { item, annotator, kind }: Pick<StoredJudgment, 'item' | 'annotator' | 'kind'>,
  key: string,
): void {
  if (first.item === item && first.annotator.id === annotator.id && first.kind === kind) return
  throw new StoreError(
    'conflict',
    `key '${key}' already belongs to a ${first.kind} of item '${first.item}' by '${first.annotator.id}'; use a new key for each judgment`,
  )
}

/** Throws unless `earlier` may be replaced or taken back by this annotator. */
export function assertOwn(
  earlier: StoredJudgment | null | undefined,
  id: string,
  { annotator, item, project }: { annotator: string; item?: string; project?: string },
): asserts earlier is StoredJudgment {
  if (!earlier || (project !== undefined && earlier.project !== project))
    throw new StoreError('not-found', `judgment '${id}' is not there`)
  if (earlier.annotator.id !== annotator) {
    throw new StoreError(
      'not-allowed',
      `judgment '${id}' is by '${earlier.annotator.id}', not by '${annotator}'; annotators change only their own`,
    )
  }
  if (item !== undefined && earlier.item !== item)
    throw new StoreError('invalid', `judgment '${id}' is about item '${earlier.item}', not '${item}'`)
  if (earlier.kind === 'retraction')
    throw new StoreError('invalid', `judgment '${id}' is a retraction, which cannot be taken back`)
}
