import { ndarray, type Parameters } from '@attune/grad'
import type { RolloutReward } from '../learn/ppo-options.ts'

/** Transitions in the order in which they happened; their rewards may be told anew. */
export interface Replay {
  readonly size: () => number
  /** Transitions whose rewards have been told. */
  readonly labelled: () => number
  readonly add: (transition: {
    readonly observation: Float32Array
    readonly action: Float32Array
    readonly next: Float32Array
    readonly reward: number
    readonly terminated: boolean
  }) => void
  /** Rewards of the transitions from `from` on, by the reward given: all of them when it has changed (PEBBLE, §4.2). */
  readonly relabel: (reward: RolloutReward, from: number) => Promise<void>
  /** What happened so far, by `replay.<array>`; rewards that were told are not among it, for they are told anew. */
  readonly tensors: () => Parameters
  /** Takes back what `tensors` gave. Throws when it does not fit. */
  readonly restore: (saved: Parameters) => void
  /** The given rows of everything: observations, actions (as taken), next, rewards, terminated. */
  readonly rows: (
    indices: readonly number[],
  ) => Record<'observations' | 'actions' | 'next' | 'rewards' | 'terminated', Float32Array>
}

/** A buffer for `capacity` transitions. Throws when it is full. */
export function replay(
  capacity: number,
  { observationSize, actionSize }: { observationSize: number; actionSize: number },
): Replay {
  const observations = new Float32Array(capacity * observationSize)
  const next = new Float32Array(capacity * observationSize)
  const actions = new Float32Array(capacity * actionSize)
  const own = new Float32Array(capacity)
  const rewards = new Float32Array(capacity)
  const terminated = new Float32Array(capacity)
  const arrays = { observations, next, actions, rewards: own, terminated }
  let [size, labelled] = [0, 0]
  const gather = (source: Float32Array, indices: readonly number[]) => {
    const width = source.length / capacity
    const taken = new Float32Array(indices.length * width)
    for (const [i, row] of indices.entries())
      taken.set(source.subarray(row * width, (row + 1) * width), i * width)
    return taken
  }
  return {
    size: () => size,
    labelled: () => labelled,
    add: (transition) => {
      if (size === capacity)
        throw new RangeError(`the replay buffer holds ${capacity} transitions and is full`)
      observations.set(transition.observation, size * observationSize)
      next.set(transition.next, size * observationSize)
      actions.set(transition.action, size * actionSize)
      own[size] = transition.reward
      terminated[size] = Number(transition.terminated)
      size++
    },
    relabel: async (reward, from) => {
      if (from >= size) return
      const part = (source: Float32Array) => {
        const width = source.length / capacity
        return source.slice(from * width, size * width)
      }
      const told = await reward({
        steps: size - from,
        count: 1,
        observations: part(observations),
        nextObservations: part(next),
        actions: part(actions),
        rewards: part(own),
        terminated: Uint8Array.from(part(terminated)),
        ended: Uint8Array.from(part(terminated)),
        episodes: [],
        infos: [],
      })
      rewards.set(told, from)
      labelled = size
    },
    tensors: () => tensorsOf(arrays, { size, capacity }),
    restore: (saved) => {
      size = takeArrays(arrays, saved, capacity)
      labelled = 0
    },
    rows: (indices) => ({
      observations: gather(observations, indices),
      actions: gather(actions, indices),
      next: gather(next, indices),
      rewards: gather(rewards, indices),
      terminated: gather(terminated, indices),
    }),
  }
}

type Arrays = Readonly<Record<string, Float32Array>>

function tensorsOf(arrays: Arrays, { size, capacity }: { size: number; capacity: number }): Parameters {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, source]) => {
      const width = source.length / capacity
      return [`replay.${name}`, ndarray(source.subarray(0, size * width), [size, width])]
    }),
  )
}

/** Fills the arrays with what was saved; returns how many transitions that is. */
function takeArrays(arrays: Arrays, saved: Parameters, capacity: number): number {
  const count = saved['replay.rewards']?.data.length ?? 0
  for (const [name, target] of Object.entries(arrays)) {
    const found = saved[`replay.${name}`]
    if (count > capacity || found?.data.length !== (count * target.length) / capacity)
      throw new RangeError(
        `the saved replay buffer's ${name} do not fit ${capacity} transitions of this task; was the recipe changed?`,
      )
    target.set(found.data)
  }
  return count
}
