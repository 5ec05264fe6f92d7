import { ndarray, type Parameters } from '@attune/grad'
import { checkedRewards } from '../learn/checked-rewards.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'

/** One step of one environment: where it was, what it did, where that led. */
export interface Transition {
  readonly observation: Float32Array
  readonly action: Float32Array
  readonly next: Float32Array
  readonly reward: number
  readonly terminated: boolean
}

/** The newest transitions, oldest first; their rewards may be told anew. */
export interface Replay {
  /** Transitions that are held. */
  readonly size: () => number
  /** Transitions that were ever added. */
  readonly added: () => number
  /** How many of those that are held have been told their rewards: the oldest ones. */
  readonly labelled: () => number
  /** Adds one; when the buffer is full, the oldest goes. */
  readonly add: (transition: Transition) => void
  /** Tells rewards by the reward given: of all transitions when it has changed (PEBBLE, §4.3), or of the new ones. */
  readonly relabel: (reward: RolloutReward, which: 'all' | 'new') => Promise<void>
  /** What is held, by `replay.<array>`; rewards that were told are not among it, for they are told anew. */
  readonly tensors: () => Parameters
  /** Takes back what `tensors` gave. Throws when it does not fit. */
  readonly restore: (saved: Parameters) => void
  /** The given rows of everything, 0 being the oldest: observations, actions (as taken), next, rewards, terminated. */
  readonly rows: (
    indices: readonly number[],
  ) => Record<'observations' | 'actions' | 'next' | 'rewards' | 'terminated', Float32Array>
}

/** A buffer for `capacity` transitions. */
export function replay(
  capacity: number,
  { observationSize, actionSize }: { observationSize: number; actionSize: number },
): Replay {
  const columns = {
    observations: new Float32Array(capacity * observationSize),
    next: new Float32Array(capacity * observationSize),
    actions: new Float32Array(capacity * actionSize),
    rewards: new Float32Array(capacity),
    terminated: new Float32Array(capacity),
  }
  const own = ring(columns, capacity)
  const rewards = new Float32Array(capacity)
  let told = 0
  const labelled = () => Math.max(told - (own.added() - own.size()), 0)
  const agesFrom = (first: number) => Array.from({ length: own.size() - first }, (_, i) => first + i)
  return {
    size: own.size,
    added: own.added,
    labelled,
    add: ({ observation, next, action, reward, terminated }) =>
      own.add({
        observations: observation,
        next,
        actions: action,
        rewards: [reward],
        terminated: [Number(terminated)],
      }),
    relabel: async (reward, which) => {
      const ages = agesFrom(which === 'all' ? 0 : labelled())
      if (ages.length === 0) return
      const steps = {
        observations: own.gather(columns.observations, ages),
        nextObservations: own.gather(columns.next, ages),
        actions: own.gather(columns.actions, ages),
        rewards: own.gather(columns.rewards, ages),
        terminated: Uint8Array.from(own.gather(columns.terminated, ages)),
      }
      const placeOf = (row: number) => `transition ${ages[row]} of ${own.size()} in the replay buffer`
      const given = checkedRewards(await reward(steps, which === 'new'), ages.length, placeOf)
      for (const [i, age] of ages.entries()) rewards[own.place(age)] = given[i]!
      told = own.added()
    },
    tensors: () => {
      const held = Object.entries(columns).map(([name, column]) => {
        const shape = [own.size(), column.length / capacity]
        return [`replay.${name}`, ndarray(own.gather(column, agesFrom(0)), shape)] as const
      })
      return { ...Object.fromEntries(held), 'replay.added': ndarray([own.added()], [1]) }
    },
    restore: (saved) => {
      own.restore(saved)
      told = 0
    },
    rows: (ages) => ({
      observations: own.gather(columns.observations, ages),
      actions: own.gather(columns.actions, ages),
      next: own.gather(columns.next, ages),
      rewards: own.gather(rewards, ages),
      terminated: own.gather(columns.terminated, ages),
    }),
  }
}

type Columns<Name extends string> = Readonly<Record<Name, Float32Array>>

/** Rows of which the newest `capacity` are kept, in the columns given. */
function ring<Name extends string>(columns: Columns<Name>, capacity: number) {
  let added = 0
  const size = () => Math.min(added, capacity)
  /** Where the row of an age is; the oldest has age 0. */
  const place = (age: number) => (added - size() + age) % capacity
  return {
    size,
    place,
    added: () => added,
    add: (row: Readonly<Record<Name, ArrayLike<number>>>) => {
      const at = added % capacity
      for (const [name, column] of Object.entries<Float32Array>(columns))
        column.set(row[name as Name], (at * column.length) / capacity)
      added++
    },
    gather: (column: Float32Array, ages: readonly number[]) => {
      const width = column.length / capacity
      const taken = new Float32Array(ages.length * width)
      for (const [i, age] of ages.entries()) {
        const at = place(age) * width
        taken.set(column.subarray(at, at + width), i * width)
      }
      return taken
    },
    restore: (saved: Parameters) => {
      const count = takeColumns(columns, saved, capacity)
      added = saved['replay.added']?.data[0] ?? count
      if (added === count) return
      if (count < capacity)
        throw new RangeError(
          `the saved replay buffer held ${count} transitions and had forgotten others; it cannot go on with ${capacity}`,
        )
      turn(columns, { capacity, by: added % capacity })
    },
  }
}

/** Fills the columns with what was saved; returns how many rows that is. */
function takeColumns(columns: Columns<string>, saved: Parameters, capacity: number): number {
  const count = saved['replay.rewards']?.data.length ?? 0
  for (const [name, target] of Object.entries(columns)) {
    const found = saved[`replay.${name}`]
    if (count > capacity || found?.data.length !== (count * target.length) / capacity)
      throw new RangeError(
        `the saved replay buffer's ${name} do not fit ${capacity} transitions of this task; was the recipe changed?`,
      )
    target.set(found.data)
  }
  return count
}

/** Moves the rows of full columns on, so that the oldest is where the next one goes. */
function turn(columns: Columns<string>, { capacity, by }: { capacity: number; by: number }): void {
  for (const rows of Object.values(columns)) {
    const width = rows.length / capacity
    const end = rows.slice((capacity - by) * width)
    rows.copyWithin(by * width, 0, (capacity - by) * width)
    rows.set(end)
  }
}
