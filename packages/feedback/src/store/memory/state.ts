import type { Item } from '../../model/item.ts'
import type { StoredJudgment } from '../../model/judgment.ts'
import type { Lease } from '../../model/lease.ts'
import type { Project } from '../../model/project.ts'
import { StoreError } from '../error.ts'
import type { Draft, JudgmentEvent, Skip, StoreEvent } from '../event.ts'
import { isAnswer, needOf, shuffleOf } from '../rules.ts'

/** An accepted judgment and whether it still stands. */
export interface Entry {
  readonly judgment: StoredJudgment
  readonly key: string
  readonly extra: boolean
  active: boolean
}

/** An item with what people did to it. */
export interface ItemState {
  item: Item
  readonly shuffle: number
  need: number
  filled: number
  readonly leases: Map<string, Lease>
  readonly answers: Entry[]
  readonly skips: Map<string, Skip>
  readonly drafts: Map<string, Draft>
}

/** A project with its items in the order of their adding, and judgments in the order of their acceptance. */
export interface ProjectState {
  project: Project
  readonly items: Map<string, ItemState>
  readonly entries: Entry[]
  readonly byKey: Map<string, Entry>
  /** Items in the order of their asking; null when it must be sorted again. */
  queue: ItemState[] | null
}

/** All that a memory store knows. */
export interface State {
  readonly projects: Map<string, ProjectState>
  readonly byId: Map<string, Entry>
  readonly leases: Map<string, Lease>
}

/** A store with nothing in it. */
export function emptyState(): State {
  return { projects: new Map(), byId: new Map(), leases: new Map() }
}

/** A project's state. Throws `not-found`. */
export function projectState(state: State, id: string): ProjectState {
  const found = state.projects.get(id)
  if (!found) throw new StoreError('not-found', `project '${id}' is not there`)
  return found
}

/** An item's state. Throws `not-found`. */
export function itemState(state: State, project: string, id: string): ItemState {
  const found = projectState(state, project).items.get(id)
  if (!found) throw new StoreError('not-found', `item '${id}' is not in project '${project}'`)
  return found
}

/** Makes an accepted change part of the state. Returns false when it was already. */
export function apply(state: State, event: StoreEvent): boolean {
  switch (event.type) {
    case 'project':
      return applyProject(state, event.project)
    case 'item':
      return applyItem(state, event.item)
    case 'judgment':
      return applyJudgment(state, event)
    case 'skip':
      return applySkip(state, event.skip)
    case 'draft':
      itemState(state, event.draft.project, event.draft.item).drafts.set(event.draft.annotator, event.draft)
      return true
  }
}

function applyProject(state: State, project: Project): boolean {
  const known = state.projects.get(project.id)
  if (!known) {
    state.projects.set(project.id, {
      project,
      items: new Map(),
      entries: [],
      byKey: new Map(),
      queue: null,
    })
    return true
  }
  known.project = project
  for (const item of known.items.values()) item.need = needOf(item.item, project.protocol)
  return true
}

function applyItem(state: State, item: Item): boolean {
  const project = projectState(state, item.project)
  project.queue = null
  const known = project.items.get(item.id)
  if (known) {
    known.item = item
    known.need = needOf(item, project.project.protocol)
    return true
  }
  project.items.set(item.id, {
    item,
    shuffle: shuffleOf(item),
    need: needOf(item, project.project.protocol),
    filled: 0,
    leases: new Map(),
    answers: [],
    skips: new Map(),
    drafts: new Map(),
  })
  return true
}

function applyJudgment(state: State, { judgment, key, extra }: JudgmentEvent): boolean {
  if (state.byId.has(judgment.id!)) return false
  const project = projectState(state, judgment.project!)
  const item = itemState(state, judgment.project!, judgment.item)
  const entry: Entry = { judgment: judgment as StoredJudgment, key, extra, active: true }
  const earlier = judgment.supersedes === undefined ? undefined : state.byId.get(judgment.supersedes)
  if (earlier?.active) {
    earlier.active = false
    if (isAnswer(earlier.judgment) && !earlier.extra) item.filled--
  }
  if (isAnswer(entry.judgment)) {
    if (!extra) item.filled++
    item.drafts.delete(judgment.annotator.id)
    item.answers.push(entry)
  }
  state.byId.set(entry.judgment.id, entry)
  project.byKey.set(key, entry)
  project.entries.push(entry)
  return true
}

function applySkip(state: State, skip: Skip): boolean {
  const item = itemState(state, skip.project, skip.item)
  const known = item.skips.get(skip.annotator)
  if (known?.time === skip.time) return false
  if (skip.policy === 'drop' && known?.policy !== 'drop') item.filled++
  item.skips.set(skip.annotator, skip)
  return true
}

/** The state as the changes that make it again. */
export function* eventsOf(state: State): Generator<StoreEvent> {
  for (const { project, items, entries } of state.projects.values()) {
    yield { type: 'project', project }
    for (const { item } of items.values()) yield { type: 'item', item }
    for (const { judgment, key, extra } of entries) yield { type: 'judgment', judgment, key, extra }
    for (const { skips, drafts } of items.values()) {
      for (const skip of skips.values()) yield { type: 'skip', skip }
      for (const draft of drafts.values()) yield { type: 'draft', draft }
    }
  }
}
