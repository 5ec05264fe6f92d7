import type { Item, NewItem } from '../model/item.ts'
import type { Judgment, JudgmentKind, StoredJudgment } from '../model/judgment.ts'
import type { Lease } from '../model/lease.ts'
import type { NewProject, Project } from '../model/project.ts'
import type { StoreEvent } from './event.ts'

/** Milliseconds since 1970: the time that leases are measured with. */
export type Clock = () => number

/** The place of an answer on an item. */
export interface Slot {
  readonly project: string
  readonly item: string
  /** Id of the annotator. */
  readonly annotator: string
}

/** An item handed to an annotator. */
export interface Claim {
  readonly lease: Lease
  readonly item: Item
  /** What the annotator had begun to answer, if anything. */
  readonly draft?: unknown
}

/** An item and how far it is. */
export interface ItemProgress {
  readonly item: Item
  /** Done when all its slots are filled; a gold item never is. */
  readonly state: 'open' | 'done'
  /** Slots filled by answers or dropped by skips. */
  readonly filled: number
  /** Slots under a lease. */
  readonly held: number
}

/** A page of a list; `nextCursor` is null on the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** What an annotator has done in a project. */
export interface AnnotatorProgress {
  readonly annotator: string
  readonly done: number
  readonly skipped: number
  /** Sum of `durationSeconds`. */
  readonly seconds: number
}

/** Which items, and how many from which on. */
export interface ItemQuery {
  readonly ids?: readonly string[]
  readonly state?: 'open' | 'done'
  readonly gold?: boolean
  readonly cursor?: string
  readonly limit: number
}

/** How far a project is; gold items are not in `items` and `slots`. */
export interface Progress {
  readonly items: number
  /** Answers wanted: the overlap of each item. */
  readonly slots: number
  /** Slots filled by answers or dropped by skips. */
  readonly done: number
  readonly skipped: number
  /** Answers beyond the overlap, and to gold questions. */
  readonly extra: number
  readonly perAnnotator: readonly AnnotatorProgress[]
}

/** Which judgments to read; all that is given must hold. */
export interface JudgmentFilter {
  readonly item?: string
  /** Id of the annotator. */
  readonly annotator?: string
  readonly kind?: JudgmentKind
  /** Leaves out what was retracted or replaced, and the retractions; true by default. */
  readonly active?: boolean
  /** Id of a judgment; only those accepted after it. */
  readonly after?: string
}

/** What became of a submitted judgment. */
export interface Submitted {
  readonly judgment: StoredJudgment
  /** The key was known: this is the judgment of the first delivery. */
  readonly duplicate: boolean
  /** It came on top of the overlap (late, or without a lease on a full item), or answers a gold question. */
  readonly extra: boolean
}

/** Projects of a store. */
export interface ProjectStore {
  /** Makes a project; its id is new unless given. Throws `conflict` when the id is taken. */
  create(project: NewProject): Promise<Project>
  get(id: string): Promise<Project | null>
  /** All projects, oldest first. */
  list(): Promise<readonly Project[]>
  /** Changes parts; a changed overlap opens or closes slots. Throws `not-found`. */
  update(id: string, change: Partial<Omit<Project, 'id' | 'createdAt'>>): Promise<Project>
}

/**
 * Where judgments are kept. Whatever a method has acknowledged is durable; every implementation passes one conformance
 * suite. Errors are `StoreError`s.
 */
export interface FeedbackStore {
  /** The address it was opened with, a password left out. */
  readonly url: string
  readonly projects: ProjectStore
  /** Adds items; those whose id is there already are left as they are. */
  addItems(project: string, items: Iterable<NewItem>): Promise<{ added: number; existing: number }>
  item(project: string, id: string): Promise<Item | null>
  /** Items in the order of their adding; gold items only, or none of them, with `gold`. */
  items(project: string, options: ItemQuery): Promise<Page<ItemProgress>>
  /** Sets priorities; higher is asked first. */
  prioritise(project: string, priorities: ReadonlyMap<string, number>): Promise<void>
  /** Sets how many answers items want, each by itself: fewer close an item, more open it. */
  wantAnswers(project: string, overlaps: ReadonlyMap<string, number>): Promise<void>
  /**
   * Hands out an item, atomically: never more live leases and answers than the overlap, never an item again to whoever
   * answered it. A live lease of the annotator that is not in `held` comes back first, renewed. Null when nothing is left.
   */
  claim(
    project: string,
    annotator: string,
    options: { leaseSeconds: number; held?: readonly string[] },
  ): Promise<Claim | null>
  /** A lease that has not expired, or null. */
  lease(id: string): Promise<Lease | null>
  /** Renews a lease. Throws `lease-gone` when it has expired. */
  extend(lease: string, options: { leaseSeconds: number }): Promise<Lease>
  /** Gives a slot back; nothing happens when the lease is gone. */
  release(lease: string): Promise<void>
  /** Keeps an unfinished answer until the judgment is submitted. */
  saveDraft(slot: Slot, body: unknown): Promise<void>
  draft(slot: Slot): Promise<unknown>
  /**
   * Accepts a judgment; returns when it is durable. The same key again gives the first delivery's judgment. A judgment
   * without a live lease is kept too, as extra where no slot is free. One that `supersedes` an earlier judgment of the
   * same annotator takes its slot. Throws `conflict` when the key is another annotator's or item's.
   */
  submit(
    judgment: Judgment & { readonly project: string },
    options: { key: string; lease?: string },
  ): Promise<Submitted>
  /** What was submitted under a key of a project, or null. */
  delivered(project: string, key: string): Promise<Submitted | null>
  /**
   * Takes back a judgment by its own annotator: a later record says so, the slot is leased to that annotator again where it
   * is free, and the old answer becomes the draft. A second call gives the same retraction.
   */
  retract(
    judgment: string,
    annotator: string,
    options: { leaseSeconds: number },
  ): Promise<{ retraction: StoredJudgment; claim: Claim | null }>
  /** Gives an item up with a reason, by the protocol's policy. Throws `lease-gone`, `not-allowed`. */
  skip(lease: string, reason: string): Promise<void>
  judgment(id: string): Promise<StoredJudgment | null>
  /** Judgments of the moment of the first step, in the order of their acceptance. */
  judgments(project: string, filter?: JudgmentFilter): AsyncIterable<StoredJudgment>
  progress(project: string): Promise<Progress>
  /** Everything that is kept, as the changes that make it again; without leases. */
  events(): AsyncIterable<StoreEvent>
  /** Applies changes of `events()`; what is there already is left. Returns how many were new. */
  restore(events: AsyncIterable<StoreEvent> | Iterable<StoreEvent>): Promise<number>
  close(): Promise<void>
}
