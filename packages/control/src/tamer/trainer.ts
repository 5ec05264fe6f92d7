import { randomKey } from '@attune/grad'
import type { Interval } from './credit.ts'

/** A person's signal: good (positive) or bad (negative), at a time in seconds since the training began. */
export interface Signal {
  readonly value: number
  readonly time: number
}

/** What a trainer sees: the agent was here from `start` to `end` and did this. */
export interface Seen {
  readonly observation: Float32Array
  readonly action: number
  readonly start: number
  readonly end: number
}

/** Who trains: sees what the agent does, and signals when they like. */
export interface TamerTrainer {
  /**
   * Shows a step; returns the signals given until its end, or nothing when the trainer has gone: the training ends, and the episode
   * has no record.
   */
  readonly watch: (seen: Seen) => Watched | Promise<Watched>
  /** When the step watched last was really seen; without it steps follow each other, each of `secondsPerStep`. */
  readonly interval?: () => Interval
}

/** Signals given while a step was seen; undefined when nobody watches any more. */
export type Watched = readonly Signal[] | undefined

/** How a simulated trainer behaves. */
export interface SimulatedTrainerOptions {
  readonly seed: number
  /** Values of all actions of a state, hidden from the agent: what the trainer would have done has the highest. */
  readonly values: (observation: Float32Array) => readonly number[]
  /** Share of steps that the trainer reacts to. */
  readonly attention: number
  /** Share of reactions that are the opposite of what was meant. */
  readonly error: number
  /** A reaction comes so many seconds after the middle of the step: uniform in [low, high]. */
  readonly delay: readonly [low: number, high: number]
  /** Actions whose hidden value is this near to the best are good, too; 1e-9 by default. */
  readonly tolerance?: number
}

/** Signals +1 for the best action by hidden values (within the tolerance) and −1 for others, late and not always right. */
export function simulatedTrainer(options: SimulatedTrainerOptions): TamerTrainer {
  const { seed, values, attention, error, delay, tolerance = 1e-9 } = options
  let steps = 0
  let coming: Signal[] = []
  return {
    watch: ({ observation, action, start, end }) => {
      const { uniform } = randomKey(seed, 'trainer', steps++)
      if (uniform() < attention) {
        const all = values(observation)
        const meant = all[action]! >= Math.max(...all) - tolerance ? 1 : -1
        const value = uniform() < error ? -meant : meant
        coming.push({ value, time: (start + end) / 2 + delay[0] + uniform() * (delay[1] - delay[0]) })
      }
      const given = coming.filter(({ time }) => time <= end)
      coming = coming.filter(({ time }) => time > end)
      return given
    },
  }
}
