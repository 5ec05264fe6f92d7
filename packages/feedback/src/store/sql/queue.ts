import { sql } from 'kysely'
import { newId } from '../../model/id.ts'
import type { Lease } from '../../model/lease.ts'
import type { Claim, FeedbackStore } from '../contract.ts'
import { StoreError } from '../error.ts'
import { goldIsDue } from '../rules.ts'
import type { SqlContext } from './context.ts'
import { applySkip, putDraft } from './events.ts'
import { count, itemOf, lockItem, projectOf, sweepProject } from './slots.ts'
import type { FeedbackTables, FeedbackTransaction } from './tables.ts'

type LeaseRow = FeedbackTables['leases']

/** A lease as callers see it. */
export function leaseOf({ id, project, item, annotator, expires_at }: LeaseRow): Lease {
  return { id, project, item, annotator, expiresAt: new Date(expires_at).toISOString() }
}

/** Leases of a SQL store. */
export function sqlQueue(context: SqlContext) {
  const { database, transact, change, clock, dialect } = context
  const live = async (id: string) => {
    const query = database.selectFrom('leases').selectAll().where('id', '=', id)
    return query.where('expires_at', '>', clock()).executeTakeFirst()
  }
  /** Ends a lease together with a task on its locked item. */
  const end = async (
    tx: FeedbackTransaction,
    { id, project, item }: Pick<LeaseRow, 'id' | 'project' | 'item'>,
  ) => {
    await lockItem(tx, { project, item }, dialect)
    const { numDeletedRows } = await tx.deleteFrom('leases').where('id', '=', id).executeTakeFirst()
    await count(tx, { project, item }, { held: -Number(numDeletedRows) })
    return numDeletedRows > 0n
  }
  return {
    claim: async (project, annotator, { leaseSeconds, held = [] }) => {
      await sweepProject(context, project)
      const expires = () => clock() + leaseSeconds * 1000
      return transact(async (tx) => {
        const own = await renewOwn(tx, { project, annotator, held, expires: expires() })
        if (own) return claimOf(tx, own)
        const next = await nextItem(tx, { project, annotator }, context)
        if (!next) return null
        return grant(tx, { project, item: next.id, annotator, expires: expires() }, next.body)
      })
    },
    lease: async (id) => {
      const row = await live(id)
      return row ? leaseOf(row) : null
    },
    extend: async (id, { leaseSeconds }) => {
      const row = await database
        .updateTable('leases')
        .set({ expires_at: clock() + leaseSeconds * 1000 })
        .where('id', '=', id)
        .where('expires_at', '>', clock())
        .returningAll()
        .executeTakeFirst()
      if (!row) throw gone(id)
      return leaseOf(row)
    },
    release: async (id) => {
      const row = await database.selectFrom('leases').selectAll().where('id', '=', id).executeTakeFirst()
      if (row) await transact((tx) => end(tx, row))
    },
    saveDraft: ({ project, item, annotator }, body) =>
      change(async (tx, events) => {
        await lockItem(tx, { project, item }, dialect)
        const draft = { project, item, annotator, body, time: new Date(clock()).toISOString() }
        await putDraft(tx, draft)
        events.push({ type: 'draft', draft })
      }),
    draft: (slot) => draftOf(database, slot),
    skip: async (id, reason) => {
      const row = await live(id)
      if (!row) throw gone(id)
      const { project, item, annotator } = row
      const { allowSkip, skipPolicy: policy } = (await projectOf(database, project)).protocol
      if (!allowSkip) throw new StoreError('not-allowed', `project '${project}' allows no skips`)
      await change(async (tx, events) => {
        if (!(await end(tx, row))) throw gone(id)
        const time = new Date(clock()).toISOString()
        const skip = { project, item, annotator, reason, policy, time }
        await applySkip(tx, skip)
        events.push({ type: 'skip', skip })
      })
    },
  } satisfies Partial<FeedbackStore>
}

function gone(id: string): StoreError {
  return new StoreError('lease-gone', `lease '${id}' has expired or was given back; claim again`)
}

async function draftOf(
  db: SqlContext['database'],
  { project, item, annotator }: { project: string; item: string; annotator: string },
): Promise<unknown> {
  const row = await db
    .selectFrom('drafts')
    .select('body')
    .where('project', '=', project)
    .where('item', '=', item)
    .where('annotator', '=', annotator)
    .executeTakeFirst()
  return row ? JSON.parse(row.body) : undefined
}

async function claimOf(tx: FeedbackTransaction, row: LeaseRow, known?: string): Promise<Claim> {
  const { project, item } = row
  const read = () =>
    tx
      .selectFrom('items')
      .select('body')
      .where('project', '=', project)
      .where('id', '=', item)
      .executeTakeFirstOrThrow()
  const body = known ?? (await read()).body
  const draft = await draftOf(tx, row)
  return { lease: leaseOf(row), item: itemOf(body), ...(draft === undefined ? {} : { draft }) }
}

async function renewOwn(
  tx: FeedbackTransaction,
  {
    project,
    annotator,
    held,
    expires,
  }: { project: string; annotator: string; held: readonly string[]; expires: number },
): Promise<LeaseRow | undefined> {
  const own = tx
    .selectFrom('leases')
    .select('id')
    .where('project', '=', project)
    .where('annotator', '=', annotator)
    .$if(held.length > 0, (query) => query.where('id', 'not in', held))
    .orderBy('id')
    .limit(1)
  return tx
    .updateTable('leases')
    .set({ expires_at: expires })
    .where('id', '=', own)
    .returningAll()
    .executeTakeFirst()
}

/** Takes a slot of an item whose row this transaction has locked; `body` is the item's, where it is known. */
export async function grant(
  tx: FeedbackTransaction,
  {
    project,
    item,
    annotator,
    expires,
  }: { project: string; item: string; annotator: string; expires: number },
  body?: string,
): Promise<Claim> {
  const lease: LeaseRow = { id: newId(), project, item, annotator, expires_at: expires }
  await tx.insertInto('leases').values(lease).execute()
  return claimOf(tx, lease, body)
}

interface Who {
  readonly project: string
  readonly annotator: string
}

/** A row of an item, as far as a claim needs it. */
interface Next {
  readonly id: string
  readonly body: string
}

/** Takes a slot of the next item: counts it as held. */
async function nextItem(
  tx: FeedbackTransaction,
  who: Who,
  { dialect }: SqlContext,
): Promise<Next | undefined> {
  const { protocol } = await projectOf(tx, who.project)
  const take = async (kind: 'gold' | 'fresh' | 'later') => {
    // Rows that others hold at this instant are passed over at first, and waited for when nothing else is left.
    const locks = dialect === 'postgres' ? (['skip', 'wait'] as const) : (['none'] as const)
    for (const lock of locks) {
      const next = await takeSlot(tx, { ...who, kind, lock })
      if (next) return next
    }
  }
  const isGoldDue = protocol.goldShare > 0 && goldIsDue(await answersOf(tx, who), protocol.goldShare)
  return (isGoldDue ? await take('gold') : undefined) ?? (await take('fresh')) ?? (await take('later'))
}

/**
 * One statement that picks an open item and counts the new lease, so that no two claims take one slot. Its condition is
 * written as the partial index items_open has it: SQLite does not see that `filled + held < need` is the same.
 */
async function takeSlot(
  tx: FeedbackTransaction,
  {
    project,
    annotator,
    kind,
    lock,
  }: Who & { kind: 'gold' | 'fresh' | 'later'; lock: 'skip' | 'wait' | 'none' },
): Promise<Next | undefined> {
  const clause = { skip: sql`for update of i skip locked`, wait: sql`for update of i`, none: sql`` }[lock]
  const later = kind === 'later'
  const mine = sql`project = i.project and item = i.id and annotator = ${annotator}`
  const { rows } = await sql<Next>`
    update items set held = held + 1
    where sequence = (
      select i.sequence from items i
      ${later ? sql`join skips s on s.project = i.project and s.item = i.id and s.annotator = ${annotator} and s.policy = 'to-me-later'` : sql``}
      where i.project = ${project} and i.gold = ${kind === 'gold' ? 1 : 0} and i.filled < i.need - i.held
        and not exists (select 1 from leases where ${mine})
        and not exists (select 1 from judgments where ${mine} and active = 1 and answer = 1)
        ${later ? sql`` : sql`and not exists (select 1 from skips where ${mine})`}
      order by ${later ? sql`s.time` : sql`i.priority desc, i.shuffle`}
      limit 1
      ${clause}
    )
    returning id, body`.execute(tx)
  return rows[0]
}

async function answersOf(
  tx: FeedbackTransaction,
  { project, annotator }: Who,
): Promise<{ gold: number; all: number }> {
  const row = await tx
    .selectFrom('judgments as j')
    .innerJoin('items as i', (join) => join.onRef('i.project', '=', 'j.project').onRef('i.id', '=', 'j.item'))
    .select(({ fn }) => [fn.countAll<number>().as('all'), fn.sum<number>('i.gold').as('gold')])
    .where('j.project', '=', project)
    .where('j.annotator', '=', annotator)
    .where('j.active', '=', 1)
    .where('j.answer', '=', 1)
    .executeTakeFirstOrThrow()
  return { all: Number(row.all), gold: Number(row.gold ?? 0) }
}
