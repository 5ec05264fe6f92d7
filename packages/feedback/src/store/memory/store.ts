import { newId } from '../../model/id.ts'
import { type Item, itemSchema, newItemSchema } from '../../model/item.ts'
import { judgmentSchema, type StoredJudgment } from '../../model/judgment.ts'
import { newProjectSchema, type Project, projectSchema } from '../../model/project.ts'
import type { Clock, FeedbackStore, ProjectStore, Slot, Submitted } from '../contract.ts'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import { assertOwn, assertSameDelivery, draftOf, givenPriorities, isAnswer, parsed } from '../rules.ts'
import { serial } from '../serial.ts'
import { dropLease, grant, hasRoom, nextItem, sweep } from './queue.ts'
import { itemsPage, progressOf } from './read.ts'
import { apply, emptyState, eventsOf, itemState, projectState, type State } from './state.ts'

/** How a memory store is set up; `persist` makes a JSONL store of it. */
export interface MemoryStoreOptions {
  readonly url?: string
  readonly clock?: Clock
  /** Called before changes are applied; when it fails they are not. */
  readonly persist?: (events: readonly StoreEvent[]) => Promise<void>
  /** Changes of an earlier life. */
  readonly history?: Iterable<StoreEvent>
  readonly onClose?: () => Promise<void>
}

interface Context {
  readonly state: State
  readonly clock: Clock
  /** Changes happen one after another. */
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>
  readonly commit: (events: readonly StoreEvent[]) => Promise<void>
}

/** A store in memory: gone with the process. */
export function memoryStore({
  url = 'memory:',
  clock = Date.now,
  persist = async () => {},
  history = [],
  onClose = async () => {},
}: MemoryStoreOptions = {}): FeedbackStore {
  const state = emptyState()
  for (const event of history) apply(state, event)
  const commit = async (events: readonly StoreEvent[]) => {
    await persist(events)
    for (const event of events) apply(state, event)
  }
  const context: Context = { state, clock, inTurn: serial(), commit }
  return {
    url,
    projects: projects(context),
    ...items(context),
    ...leases(context),
    ...judgments(context),
    events: async function* () {
      yield* eventsOf(state)
    },
    restore: (events) =>
      context.inTurn(async () => {
        let count = 0
        for await (const event of events) {
          if (isKnown(state, event)) continue
          await commit([event])
          count++
        }
        return count
      }),
    close: () => context.inTurn(onClose),
  }
}

function isKnown(state: State, event: StoreEvent): boolean {
  switch (event.type) {
    case 'project':
      return state.projects.has(event.project.id)
    case 'item':
      return projectState(state, event.item.project).items.has(event.item.id)
    case 'judgment':
      return state.byId.has(event.judgment.id!)
    case 'skip':
      return itemState(state, event.skip.project, event.skip.item).skips.has(event.skip.annotator)
    case 'draft':
      return itemState(state, event.draft.project, event.draft.item).drafts.has(event.draft.annotator)
  }
}

function projects({ state, clock, inTurn, commit }: Context): ProjectStore {
  return {
    create: (given) =>
      inTurn(async () => {
        const { id = newId(), ...rest } = parsed(newProjectSchema, given, 'project')
        if (state.projects.has(id)) throw new StoreError('conflict', `project '${id}' is there already`)
        const project: Project = {
          id,
          ...rest,
          createdAt: new Date(clock()).toISOString(),
          archived: false,
        }
        await commit([{ type: 'project', project }])
        return project
      }),
    get: async (id) => state.projects.get(id)?.project ?? null,
    list: async () =>
      [...state.projects.values()]
        .map(({ project }) => project)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0)),
    update: (id, change) =>
      inTurn(async () => {
        const before = projectState(state, id).project
        const { createdAt } = before
        const project = parsed(projectSchema, { ...before, ...change, id, createdAt }, 'project')
        await commit([{ type: 'project', project }])
        return project
      }),
  }
}

function items({ state, inTurn, commit }: Context) {
  const changed = <T>(project: string, values: ReadonlyMap<string, T>, change: (value: T) => Partial<Item>) =>
    inTurn(async () => {
      const events = [...values].map(([id, value]): StoreEvent => {
        const item = { ...itemState(state, project, id).item, ...change(value) }
        return { type: 'item', item: parsed(itemSchema, item, `item '${id}'`) }
      })
      await commit(events)
    })
  return {
    addItems: (project, given) =>
      inTurn(async () => {
        const known = projectState(state, project)
        const all = [...given].map((item, i) => parsed(newItemSchema, item, `item ${i} ('${item.id}')`))
        const fresh = new Map(all.filter(({ id }) => !known.items.has(id)).map((item) => [item.id, item]))
        const priorities = givenPriorities([...fresh.values()], known.project.protocol)
        await commit(
          [...fresh.values()].map((item): StoreEvent => {
            const priority = item.priority ?? priorities.get(item.id)
            const whole: Item = { ...item, ...(priority === undefined ? {} : { priority }), project }
            return { type: 'item', item: whole }
          }),
        )
        return { added: fresh.size, existing: all.length - fresh.size }
      }),
    item: async (project, id) => projectState(state, project).items.get(id)?.item ?? null,
    items: async (project, options) => itemsPage(projectState(state, project), options),
    prioritise: (project, priorities) => changed(project, priorities, (priority) => ({ priority })),
    wantAnswers: (project, overlaps) => changed(project, overlaps, (overlap) => ({ overlap })),
  } satisfies Partial<FeedbackStore>
}

function liveLease(state: State, id: string, now: number) {
  const lease = state.leases.get(id)
  if (lease && Date.parse(lease.expiresAt) > now) return lease
  throw new StoreError('lease-gone', `lease '${id}' has expired or was given back; claim again`)
}

function leases({ state, clock, inTurn, commit }: Context) {
  const expiry = (seconds: number) => clock() + seconds * 1000
  const draft = ({ project, item, annotator }: Slot) =>
    itemState(state, project, item).drafts.get(annotator)?.body
  return {
    claim: (project, annotator, { leaseSeconds, held = [] }) =>
      inTurn(async () => {
        sweep(state, clock())
        const known = projectState(state, project)
        const own = [...state.leases.values()].find(
          (lease) => lease.project === project && lease.annotator === annotator && !held.includes(lease.id),
        )
        const target = own ? itemState(state, project, own.item) : nextItem(known, annotator)
        return target ? grant(state, target, { annotator, expiresAt: expiry(leaseSeconds) }) : null
      }),
    lease: async (id) => {
      const lease = state.leases.get(id)
      return lease && Date.parse(lease.expiresAt) > clock() ? lease : null
    },
    extend: (id, { leaseSeconds }) =>
      inTurn(async () => {
        const { project, item, annotator } = liveLease(state, id, clock())
        const target = itemState(state, project, item)
        return grant(state, target, { annotator, expiresAt: expiry(leaseSeconds) }).lease
      }),
    release: (id) =>
      inTurn(async () => {
        const lease = state.leases.get(id)
        if (lease) dropLease(state, lease)
      }),
    saveDraft: (slot, body) =>
      inTurn(async () => {
        itemState(state, slot.project, slot.item)
        const { project, item, annotator } = slot
        const time = new Date(clock()).toISOString()
        await commit([{ type: 'draft', draft: { project, item, annotator, body, time } }])
      }),
    draft: async (slot) => draft(slot),
    skip: (id, reason) =>
      inTurn(async () => {
        const lease = liveLease(state, id, clock())
        const { allowSkip, skipPolicy: policy } = projectState(state, lease.project).project.protocol
        if (!allowSkip) throw new StoreError('not-allowed', `project '${lease.project}' allows no skips`)
        const { project, item, annotator } = lease
        const time = new Date(clock()).toISOString()
        await commit([{ type: 'skip', skip: { project, item, annotator, reason, policy, time } }])
        dropLease(state, lease)
      }),
  } satisfies Partial<FeedbackStore>
}

function delivered(state: State, project: string, key: string): Submitted | null {
  const first = projectState(state, project).byKey.get(key)
  return first ? { judgment: first.judgment, duplicate: true, extra: first.extra } : null
}

function judgments({ state, clock, inTurn, commit }: Context) {
  const submit = async (given: unknown, { key, lease: leaseId }: { key: string; lease?: string }) => {
    const valid = parsed(judgmentSchema, given, 'judgment')
    const { project = '', annotator } = valid
    const first = delivered(state, project, key)
    if (first) {
      assertSameDelivery(first.judgment, valid, key)
      return first
    }
    const target = itemState(state, project, valid.item)
    const judgment: StoredJudgment = { ...valid, id: valid.id ?? newId(), project }
    if (state.byId.has(judgment.id))
      throw new StoreError('conflict', `judgment '${judgment.id}' is there already under another key`)
    const earlier = judgment.supersedes === undefined ? undefined : state.byId.get(judgment.supersedes)
    if (judgment.supersedes !== undefined)
      assertOwn(earlier?.judgment, judgment.supersedes, {
        annotator: annotator.id,
        item: valid.item,
        project,
      })
    sweep(state, clock())
    const own = target.leases.get(annotator.id)
    const replaces = Boolean(earlier?.active && isAnswer(earlier.judgment) && !earlier.extra)
    const answered = target.answers.some((e) => e.active && e.judgment.annotator.id === annotator.id)
    const fits = replaces || (!answered && (own !== undefined || hasRoom(target)))
    const extra = isAnswer(judgment) && (Boolean(target.item.gold) || !fits)
    await commit([{ type: 'judgment', judgment, key, extra }])
    if (own && (isAnswer(judgment) || own.id === leaseId)) dropLease(state, own)
    return { judgment, duplicate: false, extra }
  }
  return {
    submit: (given, options) => inTurn(() => submit(given, options)),
    delivered: async (project, key) => delivered(state, project, key),
    retract: (id, annotator, { leaseSeconds }) =>
      inTurn(async () => {
        const known = state.byId.get(id)
        assertOwn(known?.judgment, id, { annotator })
        const { judgment } = known!
        const { project, item, protocol } = judgment
        const time = new Date(clock()).toISOString()
        const { judgment: retraction, duplicate } = await submit(
          {
            kind: 'retraction',
            project,
            item,
            annotator: judgment.annotator,
            time,
            protocol,
            supersedes: id,
          },
          { key: `retract ${id}` },
        )
        const target = itemState(state, project, item)
        const answered = target.answers.some((e) => e.active && e.judgment.annotator.id === annotator)
        if (duplicate || !isAnswer(judgment) || answered || !hasRoom(target))
          return { retraction, claim: null }
        const draft = { project, item, annotator, body: draftOf(judgment), time }
        await commit([{ type: 'draft', draft }])
        const expiresAt = clock() + leaseSeconds * 1000
        return { retraction, claim: grant(state, target, { annotator, expiresAt }) }
      }),
    judgment: async (id) => state.byId.get(id)?.judgment ?? null,
    judgments: async function* (project, { item, annotator, kind, active = true, after } = {}) {
      const { entries } = projectState(state, project)
      const first = entries.findIndex(({ judgment }) => judgment.id === after) + 1
      const chosen = entries
        .slice(first)
        .filter(
          ({ judgment, active: isActive }) =>
            (item === undefined || judgment.item === item) &&
            (annotator === undefined || judgment.annotator.id === annotator) &&
            (kind === undefined || judgment.kind === kind) &&
            (!active || (isActive && judgment.kind !== 'retraction')),
        )
      for (const { judgment } of chosen) yield judgment
    },
    progress: async (project) => progressOf(projectState(state, project)),
  } satisfies Partial<FeedbackStore>
}
