import type { Lease, PersonAnnotator, StoredJudgment } from '@attune/feedback'
import { ApiError, forbidden, invalid, notFound } from '../http/api-error.ts'
import { type CallerAccount, hasRole } from '../http/caller.ts'
import { accountOf, type Handlers } from '../http/handler.ts'
import { blinded } from '../labelling/item.ts'
import { judgmentOf } from '../labelling/judgment.ts'
import { recentProgress } from '../labelling/progress.ts'
import type { Services } from '../services.ts'
import { namedProgress } from './projects.ts'

type Names =
  | 'claim'
  | 'extendLease'
  | 'releaseLease'
  | 'saveDraft'
  | 'skipItem'
  | 'submitJudgment'
  | 'retractJudgment'
  | 'listJudgments'

/** Handing out items and taking judgments; whose lease or judgment it is, the guard has checked. */
export function labellingHandlers(services: Services): Pick<Handlers, Names> {
  const { store, events } = services
  const progressOf = recentProgress(store)
  const projectOf = async (id: string) => {
    const project = await store.projects.get(id)
    if (!project) throw notFound('the project')
    return project
  }
  const leaseOf = async (id: string) => {
    const lease = await store.lease(id)
    if (!lease) throw new ApiError(409, 'lease-gone', 'the lease has expired; claim the item again')
    return lease
  }

  return {
    claim: async ({ params: { id }, body }, caller) => {
      const account = accountOf(caller)
      if ((await projectOf(id)).archived) throw new ApiError(409, 'archived', 'the project is archived')
      const claim = await store.claim(id, account.id, body)
      const progress = await namedProgress(await progressOf(id), services, caller)
      return claim ? { ...claim, item: blinded(claim.item), progress } : { empty: true, progress }
    },
    extendLease: ({ params: { id }, body }) => store.extend(id, body),
    releaseLease: async ({ params: { id } }) => {
      await store.release(id)
      return { ok: true }
    },
    saveDraft: async ({ params: { id }, body }) => {
      await store.saveDraft(await leaseOf(id), body.draft)
      return { ok: true }
    },
    skipItem: async ({ params: { id }, body }) => {
      const { project } = await leaseOf(id)
      await store.skip(id, body.reason)
      events.publish({ type: 'project', id: project })
      return { ok: true }
    },
    submitJudgment: async ({ params: { id }, body }, caller) => {
      const account = accountOf(caller)
      const project = await projectOf(id)
      const lease = body.lease === undefined ? null : await store.lease(body.lease)
      checkLease(lease, { project: id, account, body })
      const item = await store.item(id, lease?.item ?? body.item!)
      if (!item) throw notFound('the item')
      const annotator = annotatorOf(account)
      const time = new Date().toISOString()
      const decision =
        body.decision && (await decisionOf(services, { project: id, item: item.id, account, body }))
      const answer = judgmentOf(body.judgment, { ...body, ...decision, item, project, annotator, time })
      const judgment = decision ? { ...answer, metadata: { decision: true } } : answer
      // A flag is a remark: the item stays with the annotator, to be judged or skipped.
      const spent = lease && judgment.kind !== 'flag' ? { lease: lease.id } : {}
      const result = await store.submit(judgment, { key: body.key, ...spent })
      events.publish({ type: 'project', id })
      return result as typeof result & { judgment: StoredJudgment & Record<string, unknown> }
    },
    retractJudgment: async ({ params: { id }, body }, caller) => {
      const { retraction, claim } = await store.retract(id, accountOf(caller).id, body)
      events.publish({ type: 'project', id: retraction.project })
      return { claim: claim && { ...claim, item: blinded(claim.item) } }
    },
    listJudgments: async ({ params: { id }, query: { item, annotator, cursor, limit } }, caller) => {
      const account = accountOf(caller)
      await projectOf(id)
      const whose = hasRole(account, 'reviewer') ? annotator : account.id
      const filter = {
        ...(item ? { item } : {}),
        ...(whose ? { annotator: whose } : {}),
        ...(cursor ? { after: cursor } : {}),
      }
      const items: (StoredJudgment & Record<string, unknown>)[] = []
      for await (const judgment of store.judgments(id, filter)) {
        items.push(judgment as (typeof items)[number])
        if (items.length > limit) return { items: items.slice(0, limit), nextCursor: items[limit - 1]!.id }
      }
      return { items, nextCursor: null }
    },
  }
}

/** A person as judgments name them. */
function annotatorOf({ id, name, group }: CallerAccount): PersonAnnotator {
  return { id, source: 'person', name, ...(group === null ? {} : { group }) }
}

interface Submission {
  readonly lease?: string | undefined
  readonly item?: string | undefined
  readonly supersedes?: string | undefined
}

/** What a reviewer's decision replaces: their own last answer to the item, be it a decision. */
async function decisionOf(
  { store }: Pick<Services, 'store'>,
  {
    project,
    item,
    account,
    body,
  }: { project: string; item: string; account: CallerAccount; body: Submission },
): Promise<{ readonly supersedes: string | undefined }> {
  if (!hasRole(account, 'reviewer')) throw forbidden('decisions are for reviewers')
  if (body.lease) throw invalid('body.lease', 'is there; a decision is about an item, without a lease')
  let { supersedes } = body
  for await (const { id, kind } of store.judgments(project, { item, annotator: account.id }))
    if (kind !== 'flag') supersedes = id
  return { supersedes }
}

/** Checks that a lease is the caller's and for the item; without one, that they may answer without. */
function checkLease(
  lease: Lease | null,
  { project, account, body }: { project: string; account: CallerAccount; body: Submission },
): void {
  if (lease && !(lease.project === project && lease.annotator === account.id)) throw notFound('the lease')
  if (lease && body.item && body.item !== lease.item)
    throw invalid('body.item', `is '${body.item}', but the lease is for '${lease.item}'`)
  if (!lease && !body.item) {
    throw body.lease
      ? new ApiError(409, 'lease-gone', 'the lease is gone; send `item` too, so that the answer can be kept')
      : invalid('body.item', 'is missing; give a lease or an item')
  }
  if (!body.lease && !hasRole(account, 'reviewer') && body.supersedes === undefined)
    throw forbidden('answers without a lease are for reviewers; claim an item first')
}
