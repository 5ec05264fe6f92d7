import type { Lease } from '@attune/server'
import { change, type DeskState, type Inner, onDesk, set, type Task } from './desk-state.ts'
import { type KeptDraft, keptDraft } from './drafts.ts'
import { isGone, leaseSeconds } from './lease.ts'
import { orderOf } from './order.ts'

const tasksAhead = 2
const draftDelay = 1500
/** As many as the server takes. */
const mostHeld = 20

/** Puts a task in front of the person, and loads the next ones. */
export async function start(desk: Inner): Promise<void> {
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
      if (!task?.lease) break
      const { id } = task.lease
      if (isOnItsWay(desk, task.item.id) || onDesk(desk).some(({ lease }) => lease?.id === id)) break
      if (adopt(desk, task.lease)) continue
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
  const { client, project, account } = desk.parts
  const answer = await client.call('POST /api/projects/{id}/claim', {
    params: { id: project.id },
    body: { leaseSeconds, held: leasesHeld(desk) },
  })
  set(desk, { progress: answer.progress })
  if (answer.empty) return null
  const { item, lease } = answer
  const count = item.clips?.length ?? item.completions.length
  const order = project.protocol.shuffle ? orderOf(`${account} ${item.id}`, count) : [...Array(count).keys()]
  const kept = keptDraft(answer.draft)
  return { item, lease, order, ...(kept && { draft: kept.draft, draftAt: kept.at }) }
}

/** Whether an answer to an item waits to be sent: it must not be asked again, though the server does not know. */
function isOnItsWay(desk: Inner, item: string): boolean {
  return desk.parts.outbox
    .getState()
    .entries.some(
      ({ body, withdrawn, refused }) =>
        body.item === item && body.judgment.kind !== 'flag' && !withdrawn && refused === undefined,
    )
}

/** Takes on a new lease of an item that is on the desk; false when it is not. */
export function adopt(desk: Inner, lease: Lease): boolean {
  const found = onDesk(desk).some(({ item }) => item.id === lease.item)
  if (found) {
    const held = (task: Task) => (task.item.id === lease.item ? { ...task, lease, lapsed: false } : task)
    change(desk, held)
    const kept = desk.parts.drafts.read(lease.item)
    if (kept) saveDraft(desk, lease.item, kept)
  }
  return found
}

/** What must not be handed out again: leases on the desk or on another tab's, and those whose answer is on its way. */
function leasesHeld(desk: Inner): string[] {
  const sent = desk.parts.outbox.getState().entries.flatMap(({ body }) => body.lease ?? [])
  const here = onDesk(desk).flatMap(({ lease }) => lease?.id ?? [])
  return [...new Set([...here, ...sent, ...desk.tabs.elsewhere()])].slice(-mostHeld)
}

/** Puts the next task in front of the person; with none left the desk is empty. */
function next(desk: Inner): void {
  const task = desk.ahead.shift()
  if (!task) set(desk, { task: null, status: 'empty' })
  else set(desk, { task: withDraft(desk, task), status: 'ready', error: null })
}

/** A task with this browser's draft, where the server has no newer one. */
function withDraft(desk: Inner, task: Task): Task {
  const kept = desk.parts.drafts.read(task.item.id)
  return kept && kept.at >= (task.draftAt ?? 0) ? { ...task, draft: kept.draft } : task
}

/** The next task comes to the front. */
export function advance(desk: Inner, change: Partial<DeskState>): void {
  clearTimeout(desk.draftTimer)
  set(desk, { ...change, task: null, status: 'loading' })
  void start(desk)
}

/** Takes an item off the desk; says whether it was in front. */
export function remove(desk: Inner, item: string): boolean {
  desk.ahead = desk.ahead.filter((task) => task.item.id !== item)
  const here = desk.state.getState().task?.item.id === item
  if (here) advance(desk, {})
  return here
}

/** Keeps what is typed: in this browser at once, on the server a moment later. */
export function keepDraft(desk: Inner, draft: unknown, delay = draftDelay): void {
  const { task } = desk.state.getState()
  if (!task) return
  const { id } = task.item
  const kept = desk.parts.drafts.keep(id, draft)
  clearTimeout(desk.draftTimer)
  desk.draftTimer = setTimeout(() => saveDraft(desk, id, kept), delay)
}

function saveDraft(desk: Inner, item: string, kept: KeptDraft): void {
  const lease = onDesk(desk).find((task) => task.item.id === item)?.lease
  if (!lease) return
  void desk.parts.client
    .call('POST /api/leases/{id}/draft', { params: { id: lease.id }, body: { draft: kept } })
    .catch(() => {})
}

/**
 * Holds everything on the desk longer. What was loaded ahead and has ended leaves the desk; of the task in front it is said.
 * A draft that has become newer on the server (another machine's) takes the place of ours.
 */
export async function extend(desk: Inner): Promise<void> {
  const { client, drafts } = desk.parts
  const held = onDesk(desk).flatMap(({ lease }) => lease?.id ?? [])
  const answers = await Promise.all(
    held.map((id) =>
      client
        .call('POST /api/leases/{id}/extend', { params: { id }, body: { leaseSeconds } })
        .catch((error) => (isGone(error) ? 'gone' : null)),
    ),
  )
  const longer = new Map(held.map((id, i) => [id, answers[i]]))
  change(desk, (task) => {
    const answer = task.lease && longer.get(task.lease.id)
    if (!answer) return task
    if (answer === 'gone') return { ...task, lapsed: true }
    const { draft, ...lease } = answer
    const kept = keptDraft(draft)
    const ours = Math.max(drafts.read(task.item.id)?.at ?? 0, task.draftAt ?? 0)
    const newer = kept && kept.at > ours && { draft: kept.draft, draftAt: kept.at }
    return { ...task, lease, lapsed: false, ...newer }
  })
  desk.ahead = desk.ahead.filter(({ lapsed }) => !lapsed)
  if (desk.ahead.length < tasksAhead) void start(desk)
}

/** Gives back what was only loaded ahead. */
export function leave(desk: Inner): void {
  clearTimeout(desk.draftTimer)
  const { client } = desk.parts
  for (const { lease } of desk.ahead.splice(0))
    if (lease) void client.call('POST /api/leases/{id}/release', { params: { id: lease.id } }).catch(() => {})
  set(desk, {})
}
