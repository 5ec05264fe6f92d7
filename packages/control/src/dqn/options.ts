import type { ReplayLearnerOptions } from '../replay/replay-learner.ts'

/** Numbers of deep Q-learning. */
export interface DqnOptions extends ReplayLearnerOptions {
  readonly learningRate: number
  readonly maxGradientNorm: number
  readonly gamma: number
  /** Updates after which the slow values become the fast ones. */
  readonly targetInterval: number
  /** ε of the random actions falls from 1 to `explorationFinal` over so many steps in all environments together. */
  readonly explorationFinal: number
  readonly explorationSteps: number
}

/** How demonstrations are learnt from (Hester et al. 2018). */
export interface ImitationOptions {
  /** Share of every batch that demonstrations are. */
  readonly share: number
  /** By how much what was demonstrated must be worth more than other actions. */
  readonly margin: number
  /** Weight of that loss. */
  readonly weight: number
  /** Updates on demonstrations alone, without rewards, before the first step. */
  readonly updates: number
}
