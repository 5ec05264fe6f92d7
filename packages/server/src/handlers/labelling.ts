import type { PersonAnnotator, Project, StoredJudgment } from '@attune/feedback'
import type { Slot, Submitted } from '@attune/feedback/store'
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
  const { store, events, claims } = services
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
      const { archived, protocol } = await projectOf(id)
      if (archived) throw new ApiError(409, 'archived', 'the project is archived')
      const claim = await store.claim(id, account.id, body)
      if (claim) await claims.keep(claim.lease, protocol.version)
      const progress = await namedProgress(await progressOf(id), services, caller)
      return claim ? { ...claim, item: blinded(claim.item), progress } : { empty: true, progress }
    },
    extendLease: async ({ params: { id }, body }) => {
      const lease = await store.extend(id, body)
      const draft = await store.draft(lease)
      return { ...lease, ...(draft === undefined ? {} : { draft }) }
    },
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
    submitJudgment: submission(services, projectOf),
    retractJudgment: async ({ params: { id }, body }, caller) => {
      const { retraction, claim } = await store.retract(id, accountOf(caller).id, body)
      if (claim) await claims.keep(claim.lease, (await projectOf(retraction.project)).protocol.version)
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

/** Takes an answer to what was handed out. */
function submission(
  { store, events, claims }: Services,
  projectOf: (id: string) => Promise<Project>,
): Handlers['submitJudgment'] {
  return async ({ params: { id }, body }, caller) => {
    const account = accountOf(caller)
    const project = await projectOf(id)
    const first = await store.delivered(id, body.key)
    // what was accepted is not measured again by a protocol of today
    if (first && isSame(first.judgment, account, body)) return answered(first)
    const lease = body.lease === undefined ? null : await store.lease(body.lease)
    const known = body.lease === undefined ? null : await claims.find(body.lease)
    const claim = lease ?? known
    checkClaim(claim, { project: id, account, body })
    const item = await store.item(id, claim?.item ?? body.item!)
    if (!item) throw notFound('the item')
    const annotator = annotatorOf(account)
    const time = new Date().toISOString()
    const protocol = known?.protocol ?? project.protocol.version
    const decision =
      body.decision && (await decisionOf({ store }, { project: id, item: item.id, account, body }))
    const answer = judgmentOf(body.judgment, {
      ...body,
      ...decision,
      item,
      project,
      protocol,
      annotator,
      time,
    })
    const judgment = decision ? { ...answer, metadata: { decision: true } } : answer
    // A flag is a remark: the item stays with the annotator, to be judged or skipped.
    const spent = lease && judgment.kind !== 'flag' ? { lease: lease.id } : {}
    const result = await store.submit(judgment, { key: body.key, ...spent })
    events.publish({ type: 'project', id })
    return answered(result)
  }
}

const answered = (submitted: Submitted) =>
  submitted as Submitted & { judgment: StoredJudgment & Record<string, unknown> }

/** Whether a key's first delivery is what comes again. */
function isSame(
  { annotator, item, kind }: StoredJudgment,
  account: CallerAccount,
  body: Submission,
): boolean {
  return annotator.id === account.id && kind === body.judgment.kind && item === (body.item ?? item)
}

/** A person as judgments name them. */
function annotatorOf({ id, name, group }: CallerAccount): PersonAnnotator {
  return { id, source: 'person', name, ...(group === null ? {} : { group }) }
}

interface Submission {
  readonly lease?: string | undefined
  readonly item?: string | undefined
  readonly supersedes?: string | undefined
  readonly judgment: { readonly kind: string }
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

/** Checks that what is answered was handed to the caller, or that they may answer what was not. */
function checkClaim(
  claim: Slot | null,
  { project, account, body }: { project: string; account: CallerAccount; body: Submission },
): void {
  if (claim && !(claim.project === project && claim.annotator === account.id)) throw notFound('the lease')
  if (claim && body.item && body.item !== claim.item)
    throw invalid('body.item', `is '${body.item}', but the lease is for '${claim.item}'`)
  if (claim) return
  if (!body.item) throw invalid('body.item', 'is missing; give a lease or an item')
  if (!hasRole(account, 'reviewer') && body.supersedes === undefined)
    throw forbidden('answers without a lease are for reviewers; claim an item first')
}
