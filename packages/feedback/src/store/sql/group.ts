import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { StoreEvent } from '../event.ts'
import type { Ledger } from './ledger.ts'
import type { FeedbackDatabase, FeedbackTransaction } from './tables.ts'

/** A change; what it pushes goes into the journal. */
export type Task<T> = (tx: FeedbackTransaction, events: StoreEvent[]) => Promise<T>

interface Waiting {
  readonly task: Task<unknown>
  readonly resolve: (value: never) => void
  readonly reject: (cause: unknown) => void
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** Most changes of one transaction: the first of them waits for the last. */
const mostTogether = 64

/**
 * Runs changes one after another, those that wait at the same time in one transaction: a single sync of journal and database
 * makes them all durable, and nobody is answered before it. A change that fails is undone alone.
 */
export function groupCommits(database: FeedbackDatabase, ledger: Ledger): <T>(task: Task<T>) => Promise<T> {
  const queue: Waiting[] = []
  let working = false
  const work = async () => {
    working = true
    while (queue.length > 0) {
      await setImmediate() // what has come in by now joins the group
      await commit(queue.splice(0, mostTogether), database, ledger)
    }
    working = false
  }
  return <T>(task: Task<T>) =>
    new Promise<T>((resolve, reject) => {
      queue.push({ task, resolve: resolve as Waiting['resolve'], reject })
      if (!working) void work()
    })
}

async function commit(group: readonly Waiting[], database: FeedbackDatabase, ledger: Ledger): Promise<void> {
  try {
    await ledger.ready()
    const outcomes = await database.transaction().execute(async (tx) => {
      const events: StoreEvent[] = []
      const done: Outcome[] = []
      for (const { task } of group) done.push(await attempt(tx, task, { events, alone: group.length === 1 }))
      await ledger.record(tx, events)
      return done
    })
    ledger.committed()
    outcomes.forEach((outcome, i) => {
      if ('value' in outcome) group[i]!.resolve(outcome.value as never)
      else group[i]!.reject(outcome.error)
    })
  } catch (cause) {
    await ledger.failed()
    for (const { reject } of group) reject(cause)
  }
}

/** Runs a task behind a savepoint; one that is alone fails with its transaction. */
async function attempt(
  tx: FeedbackTransaction,
  task: Task<unknown>,
  { events, alone }: { events: StoreEvent[]; alone: boolean },
): Promise<Outcome> {
  if (alone) return { value: await task(tx, events) }
  const own: StoreEvent[] = []
  await sql`savepoint task`.execute(tx)
  try {
    const value = await task(tx, own)
    await sql`release savepoint task`.execute(tx)
    events.push(...own)
    return { value }
  } catch (error) {
    await sql`rollback to savepoint task`.execute(tx).catch(() => {
      throw error // the whole transaction is gone, with everything in it
    })
    await sql`release savepoint task`.execute(tx)
    return { error }
  }
}
