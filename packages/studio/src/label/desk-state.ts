import type { Item, Lease, Progress } from '@attune/server'
import type { Client } from '../api/client.ts'
import type { Observable } from '../observable.ts'
import { forget, store } from '../storage.ts'
import type { Drafts } from './drafts.ts'
import type { LabelProject } from './kept-project.ts'
import type { Outbox } from './outbox.ts'
import type { Tabs } from './tabs.ts'

/** An item in front of one person. */
export interface Task {
  readonly item: Item
  readonly lease?: Lease
  /** The lease has ended: others may be asked too; an answer is still taken. */
  readonly lapsed?: boolean
  /** Which completion is shown at each place. */
  readonly order: readonly number[]
  /** What was typed or answered before. */
  readonly draft?: unknown
  /** When the server's draft was typed, in milliseconds. */
  readonly draftAt?: number
}

/** An answer that was handed in and can be taken back. */
export interface Handed {
  readonly key: string
  readonly task: Task
  readonly draft: unknown
}

/** What a desk shows. */
export interface DeskState {
  readonly status: 'loading' | 'ready' | 'empty' | 'failed'
  readonly task: Task | null
  readonly progress: Progress | null
  readonly error: Error | null
  /** Answers of this sitting that can be taken back, newest last. */
  readonly handed: readonly Handed[]
  /** Seconds of each answer of this sitting. */
  readonly paces: readonly number[]
}

/** What a desk works with; `tab` lives as long as the browser's tab. */
export interface DeskParts {
  readonly client: Client
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly account: string
  readonly project: LabelProject
  readonly tab?: Storage
  /** Milliseconds. */
  readonly now?: () => number
}

/** A desk from the inside; what works on it is in the files beside. */
export interface Inner {
  readonly parts: Required<DeskParts>
  readonly state: Observable<DeskState>
  readonly tabs: Tabs
  /** Tasks loaded before they are needed. */
  ahead: Task[]
  filling: Promise<void> | null
  draftTimer: ReturnType<typeof setTimeout> | undefined
  /** When the task in front was put there. */
  shownAt: number
  /** The item that is being skipped: it takes no answer meanwhile. */
  skipping: string | null
  undoing: Promise<unknown>
}

/** What this tab keeps of a desk. */
export interface Remembered {
  readonly tasks: readonly Task[]
  readonly handed: readonly Handed[]
}

/** Where it keeps it. */
export function slotOf({ account, project }: DeskParts): string {
  return `desk.${account}.${project.id}`
}

/** Changes the state, and remembers in this tab what is on the desk. */
export function set(desk: Inner, change: Partial<DeskState>): void {
  const before = desk.state.getState()
  const state = { ...before, ...change }
  if (state.task && state.task.item.id !== before.task?.item.id) desk.shownAt = desk.parts.now()
  const tasks = state.task ? [state.task, ...desk.ahead] : desk.ahead
  remember(desk.parts, { tasks, handed: state.handed })
  desk.tabs.hold(tasks.flatMap(({ lease }) => lease ?? []))
  desk.state.set(state)
}

/** With less room fewer answers can be taken back after a reload; with none nothing old stays behind. */
function remember(parts: Required<DeskParts>, { tasks, handed }: Remembered): void {
  const slot = slotOf(parts)
  const kept = [handed, handed.slice(-3), []].some((some) => {
    return store(slot, { tasks, handed: some } satisfies Remembered, parts.tab)
  })
  if (!kept) forget(slot, parts.tab)
}

/** The task in front, and those behind it. */
export function onDesk(desk: Inner): Task[] {
  const { task } = desk.state.getState()
  return task ? [task, ...desk.ahead] : desk.ahead
}

/** Changes every task on the desk. */
export function change(desk: Inner, changed: (task: Task) => Task): void {
  const { task } = desk.state.getState()
  desk.ahead = desk.ahead.map(changed)
  set(desk, task ? { task: changed(task) } : {})
}
