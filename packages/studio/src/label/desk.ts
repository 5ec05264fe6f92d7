import type { Answer } from '@attune/server'
import { type Observable, observable } from '../observable.ts'
import { readStored } from '../storage.ts'
import { adopt, advance, extend, keepDraft, leave, remove, start } from './desk-queue.ts'
import {
  type DeskParts,
  type DeskState,
  type Handed,
  type Inner,
  type Remembered,
  set,
  slotOf,
  type Task,
} from './desk-state.ts'
import { isGone, leaseSeconds } from './lease.ts'
import { createTabs } from './tabs.ts'

/** What is handed in besides the answer. */
export interface Handing {
  readonly answer: Answer
  /** What brings the form back as it was, for undo. */
  readonly draft?: unknown
  readonly seconds: number
  readonly comment?: string
}

/** Hands out the tasks of a project and takes the answers. */
export interface Desk extends Pick<Observable<DeskState>, 'getState' | 'subscribe'> {
  readonly start: () => Promise<void>
  /** Hands in; false when the task came up too short a time ago to be what the answer is about, or is being skipped. */
  readonly submit: (handing: Handing) => boolean
  /** A report about the item; the task stays. */
  readonly flag: (answer: Answer, seconds: number) => void
  /** Leaves the task in front to others; says whether it did. */
  readonly skip: (reason: string) => Promise<boolean>
  /** Takes the newest answer back and shows its task again, one after the other; says whether there was one. */
  readonly undo: () => Promise<boolean>
  readonly keepDraft: (draft: unknown) => void
  /** Holds the tasks at hand longer. */
  readonly extend: () => Promise<void>
  /** Another tab has answered an item: it leaves this desk; says whether it was in front of the person. */
  readonly answeredElsewhere: (item: string) => boolean
  /** Gives back what was only loaded ahead. */
  readonly leave: () => void
  /** The tab closes or is loaded anew: what it holds may go to another tab. */
  readonly close: () => void
}

const mostHanded = 20
/** Within this time of a new task nobody has read it: what comes is the second half of a double click or press. */
export const unseenMs = 250

/** Hands out the tasks of a project one by one, the next ones loaded ahead, and takes the answers. */
export function createDesk(given: DeskParts): Desk {
  const parts = { tab: sessionStorage, now: () => performance.now(), ...given }
  const { tasks, handed } = readStored<Remembered>(slotOf(parts), { tasks: [], handed: [] }, parts.tab)
  const desk: Inner = {
    parts,
    state: observable<DeskState>({
      status: 'loading',
      task: null,
      progress: null,
      error: null,
      handed,
      paces: [],
    }),
    tabs: createTabs(slotOf(parts), parts.tab),
    ahead: tasks.filter(({ lease }) => !lease || Date.parse(lease.expiresAt) > Date.now()),
    filling: null,
    draftTimer: undefined,
    shownAt: Number.NEGATIVE_INFINITY,
    skipping: null,
    undoing: Promise.resolve(),
  }
  return {
    getState: desk.state.getState,
    subscribe: desk.state.subscribe,
    start: () => start(desk),
    submit: (handing) => submit(desk, handing),
    flag: (answer, seconds) => {
      const { task } = desk.state.getState()
      if (task) send(desk, task, { answer, seconds })
    },
    skip: (reason) => skip(desk, reason),
    undo: () => undo(desk),
    keepDraft: (draft) => keepDraft(desk, draft),
    extend: () => extend(desk),
    answeredElsewhere: (item) => remove(desk, item),
    leave: () => leave(desk),
    close: () => desk.tabs.close(),
  }
}

/** Whether the task in front takes an answer: it has been seen, and is not being skipped. */
function isOpen(desk: Inner): boolean {
  const { task } = desk.state.getState()
  return task !== null && desk.skipping !== task.item.id && desk.parts.now() - desk.shownAt >= unseenMs
}

function submit(desk: Inner, handing: Handing): boolean {
  const { task, handed, paces } = desk.state.getState()
  if (!task || !isOpen(desk)) return false
  const key = send(desk, task, handing)
  desk.parts.drafts.drop(task.item.id)
  const entry = { key, task, draft: handing.draft }
  advance(desk, { handed: [...handed, entry].slice(-mostHanded), paces: [...paces, handing.seconds] })
  return true
}

function send(desk: Inner, task: Task, { answer, seconds, comment }: Handing): string {
  const { outbox, account, project } = desk.parts
  const key = crypto.randomUUID()
  const body = {
    key,
    ...(task.lease && { lease: task.lease.id }),
    item: task.item.id,
    judgment: answer,
    durationSeconds: seconds,
    ...(task.order.length > 1 && { shown: [...task.order] }),
    ...(comment && { comment }),
  }
  outbox.add({ key, account, project: project.id, body })
  return key
}

/** A lease that has ended holds nothing that could be given back: then the task only leaves the desk. */
async function skip(desk: Inner, reason: string): Promise<boolean> {
  const { task } = desk.state.getState()
  if (!task || !isOpen(desk)) return false
  const { client, drafts } = desk.parts
  desk.skipping = task.item.id
  try {
    if (task.lease) {
      const { id } = task.lease
      await client
        .call('POST /api/leases/{id}/skip', { params: { id }, body: { reason } })
        .catch((error) => (isGone(error) ? null : Promise.reject(error)))
    }
  } finally {
    desk.skipping = null
  }
  drafts.drop(task.item.id)
  remove(desk, task.item.id)
  return true
}

function undo(desk: Inner): Promise<boolean> {
  const done = desk.undoing.then(() => undoLast(desk))
  desk.undoing = done.catch(() => {})
  return done
}

async function undoLast(desk: Inner): Promise<boolean> {
  const last = desk.state.getState().handed.at(-1)
  if (!last) return false
  const task = await takeBack(desk, last)
  const { task: current, handed, paces } = desk.state.getState()
  const { id } = task.item
  desk.ahead = desk.ahead.filter(({ item }) => item.id !== id)
  if (current && current.item.id !== id) desk.ahead.unshift(current)
  set(desk, {
    task: { ...task, draft: last.draft },
    status: 'ready',
    handed: handed.filter(({ key }) => key !== last.key),
    paces: paces.slice(0, -1),
  })
  if (last.draft !== undefined) keepDraft(desk, last.draft, 0)
  return true
}

/** The task of a judgment that no longer counts: it had not been sent, was refused, or is retracted as soon as can be. */
async function takeBack(desk: Inner, last: Handed): Promise<Task> {
  const { client, outbox } = desk.parts
  const taken = outbox.takeBack(last.key)
  if (taken.how === 'unknown') {
    const { handed } = desk.state.getState()
    set(desk, { handed: handed.filter(({ key }) => key !== last.key) })
    throw new Error('this browser no longer knows it.')
  }
  if (taken.how === 'withdrawn') void taken.lease.then((lease) => lease && adopt(desk, lease))
  if (taken.how !== 'stored') return last.task
  const { claim: again } = await client.call('POST /api/judgments/{id}/retract', {
    params: { id: taken.judgment },
    body: { leaseSeconds },
  })
  return { ...last.task, lease: again?.lease ?? last.task.lease, lapsed: !again }
}
