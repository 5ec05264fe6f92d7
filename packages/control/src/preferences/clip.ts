import type { VectorState } from '../envs/vector.ts'
import type { Rollout } from '../learn/record.ts'

/** A segment of one episode: what a person compares. Rows are steps. */
export interface Clip {
  /** `<source>-e<environment>-t<first step>+<steps>`: the same run gives the same clips the same names. */
  readonly id: string
  readonly steps: number
  /** [steps, observation] */
  readonly observations: Float32Array
  /** [steps, action] */
  readonly actions: Float32Array
  /** The task's own rewards: for simulated annotators and for looking on, never for the agent. */
  readonly rewards: Float32Array
  readonly infos: readonly (Readonly<Record<string, number>> | undefined)[]
  /** Where it was cut from, so that it can be played again and drawn. */
  readonly from: { readonly source: string; readonly index: number; readonly start: number }
}

/** Two clips to be compared. */
export type ClipPair = readonly [Clip, Clip]

/** A rollout with a name, and where the environments stood when it began. */
export interface RecordedRollout {
  readonly source: string
  readonly rollout: Rollout
  readonly start?: VectorState
}

/** Consecutive steps of one episode in one environment: [from, to). */
interface Stretch {
  readonly recorded: RecordedRollout
  readonly index: number
  readonly from: number
  readonly to: number
}

/**
 * All places where a clip of `length` steps may be cut: within one episode; an episode that begins and ends within the rollout
 * and is shorter gives one clip of its own length. `at` maps 0 … count − 1 to clips, all equally likely.
 */
export function clipPlaces(
  rollouts: readonly RecordedRollout[],
  length: number,
): { readonly count: number; readonly at: (place: number) => Clip } {
  const stretches = rollouts.flatMap(stretchesOf).filter(({ recorded, index, from, to }) => {
    if (to - from >= length) return true
    const { rollout } = recorded
    const whole = from > 0 && rollout.ended[(to - 1) * rollout.count + index] === 1
    return whole
  })
  const starts = stretches.map(({ from, to }) => Math.max(to - from - length + 1, 1))
  const count = starts.reduce((a, b) => a + b, 0)
  return {
    count,
    at: (place) => {
      let rest = place
      let i = 0
      while (rest >= starts[i]!) rest -= starts[i++]!
      const { recorded, index, from, to } = stretches[i]!
      return cut(recorded, { index, from: from + rest, to: Math.min(from + rest + length, to) })
    },
  }
}

/**
 * Whole episodes cut into clips of `length` steps one after another; the last one reaches back into the one before it, and an
 * episode that is shorter is one clip. Every step is in one.
 */
export function episodeClips(recorded: RecordedRollout, length: number): Clip[] {
  return stretchesOf(recorded).flatMap(({ index, from, to }) =>
    Array.from({ length: Math.ceil((to - from) / length) }, (_, i) => {
      const start = Math.max(Math.min(from + i * length, to - length), from)
      return cut(recorded, { index, from: start, to: Math.min(start + length, to) })
    }),
  )
}

function stretchesOf(recorded: RecordedRollout): Stretch[] {
  const { steps, count, ended } = recorded.rollout
  return Array.from({ length: count }, (_, index) => {
    const found: Stretch[] = []
    let from = 0
    for (let t = 0; t < steps; t++) {
      if (!ended[t * count + index] && t < steps - 1) continue
      found.push({ recorded, index, from, to: t + 1 })
      from = t + 1
    }
    return found
  }).flat()
}

function cut(
  { source, rollout }: RecordedRollout,
  { index, from, to }: { index: number; from: number; to: number },
): Clip {
  const { count, observations, actions, rewards, infos } = rollout
  const steps = to - from
  const rows = (values: Float32Array) => {
    const width = values.length / (rollout.steps * count)
    const taken = new Float32Array(steps * width)
    for (let t = 0; t < steps; t++) {
      const at = ((from + t) * count + index) * width
      taken.set(values.subarray(at, at + width), t * width)
    }
    return taken
  }
  return {
    id: `${source}-e${index}-t${from}+${steps}`,
    steps,
    observations: rows(observations),
    actions: rows(actions),
    rewards: rows(rewards),
    infos: Array.from({ length: steps }, (_, t) => infos[from + t]?.[index]),
    from: { source, index, start: from },
  }
}

/** Sum of a clip's own rewards: the usual score of a simulated annotator. */
export function trueReturn({ rewards }: Clip): number {
  return rewards.reduce((total, reward) => total + reward, 0)
}
