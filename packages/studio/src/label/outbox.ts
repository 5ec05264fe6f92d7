import type { Lease } from '@attune/server'
import { type Client, Problem, type Sent } from '../api/client.ts'
import { type Observable, observable } from '../observable.ts'
import { forget, readStored, store, storedNames } from '../storage.ts'
import { leaseSeconds } from './lease.ts'

type Body = Sent<'POST /api/projects/{id}/judgments'>['body']

/** A judgment on its way to the server. */
export interface Outgoing {
  /** The idempotency key: however often it is sent, it counts once. */
  readonly key: string
  /** Id of the account that judged. */
  readonly account: string
  readonly project: string
  readonly body: Body
  /** When it was handed in, in milliseconds; what is older is sent first. */
  readonly at?: number
  /** It was sent at least once: the server may have it, whatever came back. */
  readonly tried?: boolean
  /** It was taken back after it was sent: the server is told of both, so that it does not count. */
  readonly withdrawn?: boolean
  /** The server's reason when it refused; kept until the person has seen to it. */
  readonly refused?: string
}

/** What is on its way, and what stood in its way at the last try. */
export interface OutboxState {
  readonly entries: readonly Outgoing[]
  /** Status 0: the server could not be reached. Null: nothing failed, or nothing waits. */
  readonly problem: Problem | null
}

/** How a judgment was taken back. */
export type TakenBack =
  /** It had never been sent, or was refused: its lease is still good. */
  | { readonly how: 'unsent' }
  /** It may have arrived: the server is told when it can be reached, and then gives a new lease, or null when it has none. */
  | { readonly how: 'withdrawn'; readonly lease: Promise<Lease | null> }
  /** It has arrived, as the judgment of this id. */
  | { readonly how: 'stored'; readonly judgment: string }
  /** This browser knows nothing of it any more. */
  | { readonly how: 'unknown' }

/** Judgments that the server has not acknowledged, kept in this browser. */
export interface Outbox extends Pick<Observable<OutboxState>, 'getState' | 'subscribe'> {
  /** Keeps a judgment in this browser, then sends it. Throws when the browser has no room. */
  readonly add: (entry: Outgoing) => void
  /** Takes a judgment back as far as this browser can. */
  readonly takeBack: (key: string) => TakenBack
  /** Sends everything that is waiting, oldest first; stops when the server cannot be reached. */
  readonly flush: () => Promise<void>
  /** Forgets a refused judgment, or sends it again. */
  readonly discard: (key: string) => void
  readonly retry: (key: string) => void
}

/** Each judgment has a slot of its own, so that two tabs that write at once lose nothing. */
export const outboxSlot = 'outbox.'
const settledSlot = 'settled'
const mostSettled = 300
/** After so many answers that the server cannot take now, the others wait for the next try. */
const mostFailures = 3

interface Inner {
  readonly client: Client
  readonly account: string
  readonly storage: Storage
  readonly state: Observable<OutboxState>
  /** Who waits for the lease of a withdrawn judgment. */
  readonly waiting: Map<string, (lease: Lease | null) => void>
  flushing: Promise<void> | null
}

/** An outbox in the browser's storage, where a reload loses nothing; other accounts' answers wait for them. */
export function createOutbox(client: Client, account: string, storage: Storage = localStorage): Outbox {
  const state = observable<OutboxState>({ entries: [], problem: null })
  const outbox: Inner = { client, account, storage, state, waiting: new Map(), flushing: null }
  tell(outbox)
  return {
    getState: state.getState,
    subscribe: state.subscribe,
    add: (entry) => {
      const newest = everyone(outbox).at(-1)?.at ?? 0
      keep(outbox, { ...entry, at: Math.max(Date.now(), newest + 1), tried: false })
      void flush(outbox)
    },
    takeBack: (key) => takeBack(outbox, key),
    flush: () => flush(outbox),
    discard: (key) => {
      settle(outbox, key, null)
      remove(outbox, key)
    },
    retry: (key) => {
      const entry = stored(outbox, key)
      if (entry) keep(outbox, { ...entry, refused: undefined })
      void flush(outbox)
    },
  }
}

function takeBack(outbox: Inner, key: string): TakenBack {
  const entry = stored(outbox, key)
  if (!entry) {
    const judgment = settledOf(outbox.storage)[key]
    if (judgment === undefined) return { how: 'unknown' }
    return judgment === null ? { how: 'unsent' } : { how: 'stored', judgment }
  }
  if (!entry.tried || (entry.refused !== undefined && !entry.withdrawn)) {
    remove(outbox, key)
    return { how: 'unsent' }
  }
  const lease = new Promise<Lease | null>((resolve) => outbox.waiting.set(key, resolve))
  keep(outbox, { ...entry, withdrawn: true })
  void flush(outbox)
  return { how: 'withdrawn', lease }
}

function everyone({ storage }: Inner): readonly Outgoing[] {
  return storedNames(outboxSlot, storage)
    .flatMap((name) => readStored<Outgoing | null>(name, null, storage) ?? [])
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
}

function own(outbox: Inner): readonly Outgoing[] {
  return everyone(outbox).filter(({ account }) => account === outbox.account)
}

function stored({ storage }: Inner, key: string): Outgoing | null {
  return readStored<Outgoing | null>(outboxSlot + key, null, storage)
}

function tell(outbox: Inner, problem = outbox.state.getState().problem): void {
  const entries = own(outbox)
  const waits = entries.some(({ refused }) => refused === undefined)
  outbox.state.set({ entries, problem: waits ? problem : null })
}

function keep(outbox: Inner, entry: Outgoing): void {
  if (!store(outboxSlot + entry.key, entry, outbox.storage))
    throw new Error('This browser has no room left to keep the answer. Free some and submit again.')
  tell(outbox)
}

function remove(outbox: Inner, key: string): void {
  forget(outboxSlot + key, outbox.storage)
  tell(outbox)
}

function flush(outbox: Inner): Promise<void> {
  outbox.flushing ??= sendAll(outbox).finally(() => {
    outbox.flushing = null
  })
  return outbox.flushing
}

/** Sends each answer that waits once. One that the server cannot take now does not hold up the others. */
async function sendAll(outbox: Inner): Promise<void> {
  const seen = new Set<string>()
  const failures: Problem[] = []
  for (;;) {
    const entry = own(outbox).find(({ key, refused }) => refused === undefined && !seen.has(key))
    if (!entry) break
    seen.add(entry.key)
    const failure = await send(outbox, entry)
    if (failure) failures.push(failure)
    if (failure && (failure.status < 500 || failures.length === mostFailures)) break
  }
  tell(outbox, failures.at(-1) ?? null)
}

/** Sends one answer; what stood in its way when it must wait. A refusal ends the waiting too, but the answer is kept. */
async function send(outbox: Inner, { key, project, body }: Outgoing): Promise<Problem | null> {
  const { client, storage } = outbox
  const mark = (change: Partial<Outgoing>) => {
    const entry = stored(outbox, key)
    if (entry) store(outboxSlot + key, { ...entry, ...change }, storage)
    tell(outbox)
  }
  // `true` is shorter than `false`: a full storage takes it
  mark({ tried: true })
  let lease: Lease | null = null
  let arrived = false
  try {
    const { judgment } = await client.call('POST /api/projects/{id}/judgments', {
      params: { id: project },
      body,
    })
    arrived = true
    if (body.judgment.kind !== 'flag') settle(outbox, key, judgment.id)
    if (stored(outbox, key)?.withdrawn) lease = await retract(outbox, judgment.id)
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem((error as Error).message, 0, 'unreachable')
    if (problem.passing || [401, 403].includes(problem.status)) return problem
    if (arrived || !stored(outbox, key)?.withdrawn) {
      mark({ refused: problem.message })
      return null
    }
  }
  remove(outbox, key)
  outbox.waiting.get(key)?.(lease)
  outbox.waiting.delete(key)
  return null
}

/** Takes a stored judgment back; the lease under which its item may be judged anew. */
async function retract({ client }: Inner, judgment: string): Promise<Lease | null> {
  const { claim } = await client.call('POST /api/judgments/{id}/retract', {
    params: { id: judgment },
    body: { leaseSeconds },
  })
  return claim?.lease ?? null
}

function settle({ storage }: Inner, key: string, id: string | null): void {
  const settled = Object.entries({ ...settledOf(storage), [key]: id }).slice(-mostSettled)
  store(settledSlot, Object.fromEntries(settled), storage)
}

/** The judgments' ids of the last answers that were sent, by key, so that undo works after a reload; null of a refused one. */
function settledOf(storage: Storage): Readonly<Record<string, string | null>> {
  return readStored<Record<string, string | null>>(settledSlot, {}, storage)
}
