import type { Drawing } from '@attune/feedback'
import type { Box, Space } from './space.ts'

/** What an action led to. */
export interface Step {
  readonly observation: Float32Array
  readonly reward: number
  /** The task has ended: nothing is to come, its value is 0. */
  readonly terminated: boolean
  /** It was cut short, as by a time limit: what would have come has its value. */
  readonly truncated: boolean
  /** Numbers worth watching, such as the parts of the reward; a policy never sees them. */
  readonly info?: Readonly<Record<string, number>>
}

/** An action: n numbers of a box, or the index of a discrete space. */
export type Action = Float32Array | number

/** Everything that the next steps depend on, as JSON can hold it. */
export type EnvironmentState = Readonly<Record<string, number | readonly number[]>>

/** A task in Gymnasium's contract: `reset`, then `step` until it is terminated or truncated, then `reset` again. */
export interface Environment {
  readonly id: string
  readonly observationSpace: Box
  readonly actionSpace: Space
  /**
   * Begins an episode and returns its first observation. A seed decides all episodes from this one on; without one the
   * sequence goes on (from seed 0 when there was none).
   */
  readonly reset: (seed?: number) => Float32Array
  readonly step: (action: Action) => Step
  /** The present state as a picture. */
  readonly drawing?: () => Drawing
  /** Saves the state; `restore` of the same makes the same future, also in another process. */
  readonly state?: () => EnvironmentState
  /**
   * With `future`, chance decides anew from there on, by that number: in later resets, and in steps where they have chance; an
   * environment whose steps do cannot be saved then until the next `reset`.
   */
  readonly restore?: (state: EnvironmentState, future?: number) => void
  /** Frees what the environment holds outside JavaScript's memory. */
  readonly close?: () => void
}

/** Makes one environment, ready for its first `reset`. */
export type EnvironmentMaker = () => Environment | Promise<Environment>
