import type { Answer, Item, Lease, Progress } from '@attune/server'
import { type Client, Problem } from '../api/client.ts'
import { type Observable, observable } from '../observable.ts'
import { readStored, store } from '../storage.ts'
import type { Drafts } from './drafts.ts'
import type { LabelProject } from './kept-project.ts'
import { shuffled } from './order.ts'
import type { Outbox } from './outbox.ts'
import { createTabs, type Tabs } from './tabs.ts'

/** An item in front of one person. */
export interface Task {
  readonly item: Item
  /** Missing when it came back by undo and nothing holds it. */
  readonly lease?: Lease
  /** Which completion is shown at each place. */
  readonly order: readonly number[]
  /** What was typed or answered before. */
  readonly draft?: unknown
}

/** An answer that was handed in and can be taken back. */
interface Handed {
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
  readonly submit: (handing: Handing) => void
  /** A report about the item; the task stays. */
  readonly flag: (answer: Answer, seconds: number) => void
  readonly skip: (reason: string) => Promise<void>
  /** Takes the newest answer back and shows its task again; says whether there was one. */
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

/** What a desk works with; `tab` lives as long as the browser's tab. */
export interface DeskParts {
  readonly client: Client
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly account: string
  readonly project: LabelProject
  readonly tab?: Storage
  readonly random?: () => number
}

export const leaseSeconds = 900
const tasksAhead = 2
const mostHanded = 50
const draftDelay = 1500
/** As many as the server takes. */
const mostHeld = 20

interface Inner {
  readonly parts: Required<DeskParts>
  readonly state: Observable<DeskState>
  readonly tabs: Tabs
  /** Tasks loaded before they are needed. */
  ahead: Task[]
  filling: Promise<void> | null
  draftTimer: ReturnType<typeof setTimeout> | undefined
}

/** Hands out the tasks of a project one by one, the next ones loaded ahead, and takes the answers. */
export function createDesk(given: DeskParts): Desk {
  const parts = { tab: sessionStorage, random: Math.random, ...given }
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
    answeredElsewhere: (item) => answeredElsewhere(desk, item),
    leave: () => leave(desk),
    close: () => desk.tabs.close(),
  }
}

interface Remembered {
  readonly tasks: readonly Task[]
  readonly handed: readonly Handed[]
}

function slotOf({ account, project }: DeskParts): string {
  return `desk.${account}.${project.id}`
}

/** Changes the state, and remembers in this tab what is on the desk. */
function set(desk: Inner, change: Partial<DeskState>): void {
  const state = { ...desk.state.getState(), ...change }
  const tasks = state.task ? [state.task, ...desk.ahead] : desk.ahead
  store(slotOf(desk.parts), { tasks, handed: state.handed } satisfies Remembered, desk.parts.tab)
  desk.tabs.hold(tasks.flatMap(({ lease }) => lease ?? []))
  desk.state.set(state)
}

async function start(desk: Inner): Promise<void> {
  if (!desk.state.getState().task && desk.ahead.length > 0) next(desk)
  desk.filling ??= fill(desk).finally(() => {
    desk.filling = null
  })
  await desk.filling
}

async function fill(desk: Inner): Promise<void> {
  try {
    while (desk.ahead.length < tasksAhead) {
      const task = await claim(desk)
      const known = [desk.state.getState().task, ...desk.ahead].some(
        (other) => other?.item.id === task?.item.id,
      )
      if (!task || known) break
      desk.ahead.push(task)
      if (desk.state.getState().task) set(desk, {})
      else next(desk)
    }
    if (!desk.state.getState().task) next(desk)
  } catch (error) {
    if (!desk.state.getState().task) set(desk, { status: 'failed', error: error as Error })
  }
}

async function claim(desk: Inner): Promise<Task | null> {
  const { client, project, random } = desk.parts
  const answer = await client.call('POST /api/projects/{id}/claim', {
    params: { id: project.id },
    body: { leaseSeconds, held: leasesHeld(desk) },
  })
  set(desk, { progress: answer.progress })
  if (answer.empty) return null
  const { item, lease, draft } = answer
  const count = item.clips?.length ?? item.completions.length
  const order = project.protocol.shuffle ? shuffled(count, random) : [...Array(count).keys()]
  return { item, lease, order, draft: draft ?? undefined }
}

/** What must not be handed out again: leases on the desk or on another tab's, and those whose answer is on its way. */
function leasesHeld(desk: Inner): string[] {
  const { task } = desk.state.getState()
  const sent = desk.parts.outbox.getState().entries.flatMap(({ body }) => body.lease ?? [])
  const here = [task, ...desk.ahead].flatMap((held) => held?.lease?.id ?? [])
  return [...new Set([...here, ...sent, ...desk.tabs.elsewhere()])].slice(-mostHeld)
}

/** Puts the next task in front of the person; with none left the desk is empty. */
function next(desk: Inner): void {
  const task = desk.ahead.shift()
  if (!task) set(desk, { task: null, status: 'empty' })
  else set(desk, { task: withDraft(desk, task), status: 'ready', error: null })
}

function withDraft(desk: Inner, task: Task): Task {
  return { ...task, draft: desk.parts.drafts.read(task.item.id) ?? task.draft }
}

function advance(desk: Inner, change: Partial<DeskState>): void {
  clearTimeout(desk.draftTimer)
  set(desk, { ...change, task: null, status: 'loading' })
  void start(desk)
}

function submit(desk: Inner, handing: Handing): void {
  const { task, handed, paces } = desk.state.getState()
  if (!task) return
  const key = send(desk, task, handing)
  desk.parts.drafts.drop(task.item.id)
  const entry = { key, task, draft: handing.draft }
  advance(desk, { handed: [...handed, entry].slice(-mostHanded), paces: [...paces, handing.seconds] })
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

async function skip(desk: Inner, reason: string): Promise<void> {
  const { task } = desk.state.getState()
  if (!task) return
  const { client, drafts } = desk.parts
  if (task.lease)
    await client.call('POST /api/leases/{id}/skip', { params: { id: task.lease.id }, body: { reason } })
  drafts.drop(task.item.id)
  advance(desk, {})
}

async function undo(desk: Inner): Promise<boolean> {
  const last = desk.state.getState().handed.at(-1)
  if (!last) return false
  const task = await takeBack(desk, last)
  const { task: current, handed, paces } = desk.state.getState()
  if (current) desk.ahead.unshift(current)
  set(desk, {
    task: { ...task, draft: last.draft },
    status: 'ready',
    handed: handed.filter(({ key }) => key !== last.key),
    paces: paces.slice(0, -1),
  })
  return true
}

/** The task of a judgment that no longer counts: it had not been sent, was refused, or is retracted. */
async function takeBack(desk: Inner, last: Handed): Promise<Task> {
  const { client, outbox } = desk.parts
  if (outbox.takeBack(last.key)) return last.task
  const judgment = await outbox.acknowledged(last.key)
  if (judgment === null) {
    outbox.discard(last.key)
    return last.task
  }
  const { claim: again } = await client.call('POST /api/judgments/{id}/retract', {
    params: { id: judgment },
    body: { leaseSeconds },
  })
  return { ...last.task, lease: again?.lease ?? last.task.lease }
}

/** Keeps what is typed: in this browser at once, on the server a moment later. */
function keepDraft(desk: Inner, draft: unknown): void {
  const { task } = desk.state.getState()
  if (!task) return
  const { client, drafts } = desk.parts
  drafts.keep(task.item.id, draft)
  clearTimeout(desk.draftTimer)
  const { lease } = task
  if (!lease) return
  desk.draftTimer = setTimeout(() => {
    void client
      .call('POST /api/leases/{id}/draft', { params: { id: lease.id }, body: { draft } })
      .catch(() => {})
  }, draftDelay)
}

/** Holds everything on the desk longer; where a lease has ended, the answer is accepted by its item. */
async function extend(desk: Inner): Promise<void> {
  const { client } = desk.parts
  const held = [desk.state.getState().task, ...desk.ahead].flatMap((task) => task?.lease ?? [])
  const longer = await Promise.all(
    held.map(({ id }) =>
      client
        .call('POST /api/leases/{id}/extend', { params: { id }, body: { leaseSeconds } })
        .catch((error) => (error instanceof Problem ? null : Promise.reject(error))),
    ),
  )
  const renewed = (task: Task): Task => ({
    ...task,
    lease: longer.find((lease) => lease && lease.id === task.lease?.id) ?? task.lease,
  })
  desk.ahead = desk.ahead.map(renewed)
  const { task } = desk.state.getState()
  if (task) set(desk, { task: renewed(task) })
}

function answeredElsewhere(desk: Inner, item: string): boolean {
  desk.ahead = desk.ahead.filter((task) => task.item.id !== item)
  const here = desk.state.getState().task?.item.id === item
  if (here) advance(desk, {})
  return here
}

function leave(desk: Inner): void {
  clearTimeout(desk.draftTimer)
  const { client } = desk.parts
  for (const { lease } of desk.ahead.splice(0))
    if (lease) void client.call('POST /api/leases/{id}/release', { params: { id: lease.id } }).catch(() => {})
  set(desk, {})
}
