import type { Client, Sent } from '../api/client.ts'
import { Problem } from '../api/client.ts'
import { type Observable, observable } from '../observable.ts'
import { forget, readStored, store, storedNames } from '../storage.ts'

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
  /** The server's reason when it refused; kept until the person has seen to it. */
  readonly refused?: string
}

/** What is on its way, and whether the server can be reached. */
export interface OutboxState {
  readonly entries: readonly Outgoing[]
  readonly reachable: boolean
}

/** Judgments that the server has not acknowledged, kept in this browser. */
export interface Outbox extends Pick<Observable<OutboxState>, 'getState' | 'subscribe'> {
  /** Keeps a judgment in this browser, then sends it. */
  readonly add: (entry: Outgoing) => void
  /** Takes back what was not sent yet; false when it is gone or on its way. */
  readonly takeBack: (key: string) => boolean
  /** Sends everything that is waiting, oldest first; stops when the server cannot be reached. */
  readonly flush: () => Promise<void>
  /** Id of the stored judgment once the server has acknowledged it; null when it was refused. */
  readonly acknowledged: (key: string) => Promise<string | null>
  /** Forgets a refused judgment, or sends it again. */
  readonly discard: (key: string) => void
  readonly retry: (key: string) => void
}

/** Each judgment has a slot of its own, so that two tabs that write at once lose nothing. */
export const outboxSlot = 'outbox.'
const settledSlot = 'settled'
const mostSettled = 100

interface Inner {
  readonly client: Client
  readonly account: string
  readonly storage: Storage
  readonly state: Observable<OutboxState>
  readonly waiting: Map<string, (id: string | null) => void>
  sending: string | null
  flushing: Promise<void> | null
}

/** An outbox in the browser's storage, where a reload loses nothing; other accounts' answers wait for them. */
export function createOutbox(client: Client, account: string, storage: Storage = localStorage): Outbox {
  const state = observable<OutboxState>({ entries: [], reachable: true })
  const waiting = new Map<string, (id: string | null) => void>()
  const outbox: Inner = { client, account, storage, state, waiting, sending: null, flushing: null }
  tell(outbox)
  return {
    getState: state.getState,
    subscribe: state.subscribe,
    add: (entry) => {
      const newest = everyone(outbox).at(-1)?.at ?? 0
      keep(outbox, { ...entry, at: Math.max(Date.now(), newest + 1) })
      void flush(outbox)
    },
    takeBack: (key) => {
      if (outbox.sending === key || !own(outbox).some((entry) => entry.key === key)) return false
      remove(outbox, key)
      return true
    },
    flush: () => flush(outbox),
    acknowledged: (key) => {
      const known = settledOf(storage)[key]
      return known === undefined
        ? new Promise((resolve) => waiting.set(key, resolve))
        : Promise.resolve(known)
    },
    discard: (key) => remove(outbox, key),
    retry: (key) => {
      const entry = own(outbox).find((other) => other.key === key)
      if (entry) keep(outbox, { ...entry, refused: undefined })
      void flush(outbox)
    },
  }
}

function everyone({ storage }: Inner): readonly Outgoing[] {
  return storedNames(outboxSlot, storage)
    .flatMap((name) => readStored<Outgoing | null>(name, null, storage) ?? [])
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
}

function own(outbox: Inner): readonly Outgoing[] {
  return everyone(outbox).filter(({ account }) => account === outbox.account)
}

function tell(outbox: Inner, reachable = outbox.state.getState().reachable): void {
  outbox.state.set({ entries: own(outbox), reachable })
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

async function sendAll(outbox: Inner): Promise<void> {
  for (;;) {
    const entry = own(outbox).find(({ refused }) => refused === undefined)
    if (!entry || !(await send(outbox, entry))) return
  }
}

/** Sends one answer; false when it must wait. A refusal ends the waiting too, but the answer is kept. */
async function send(outbox: Inner, entry: Outgoing): Promise<boolean> {
  const { key, project, body } = entry
  outbox.sending = key
  try {
    const { judgment } = await outbox.client.call('POST /api/projects/{id}/judgments', {
      params: { id: project },
      body,
    })
    remove(outbox, key)
    settle(outbox, key, judgment.id)
    tell(outbox, true)
    return true
  } catch (error) {
    if (!(error instanceof Problem) || error.passing || [401, 403].includes(error.status)) {
      tell(outbox, error instanceof Problem && error.status !== 0)
      return false
    }
    keep(outbox, { ...entry, refused: error.message })
    settle(outbox, key, null)
    return true
  } finally {
    outbox.sending = null
  }
}

function settle(outbox: Inner, key: string, id: string | null): void {
  const settled = Object.entries({ ...settledOf(outbox.storage), [key]: id }).slice(-mostSettled)
  store(settledSlot, Object.fromEntries(settled), outbox.storage)
  outbox.waiting.get(key)?.(id)
  outbox.waiting.delete(key)
}

/** The judgments' ids of the last answers that were sent, by key, so that undo works after a reload. */
function settledOf(storage: Storage): Readonly<Record<string, string | null>> {
  return readStored<Record<string, string | null>>(settledSlot, {}, storage)
}
