import type { ReplayLearnerOptions } from '../replay/replay-learner.ts'

/** Numbers of soft actor-critic. */
export interface SacOptions extends Omit<ReplayLearnerOptions, 'replaySize'> {
  readonly learningRate: number
  readonly gamma: number
  /** Share of the critics that their slow copies take over at each update. */
  readonly tau: number
  readonly hidden: readonly number[]
}
