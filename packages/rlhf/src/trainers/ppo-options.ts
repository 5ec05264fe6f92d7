import type { Parameters } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import type { KlController } from '../advantages/kl.ts'
import type { Surrogate } from '../objectives/ppo.ts'
import type { Reward } from '../reward/reward.ts'
import type { Sequence } from '../rollout/sequences.ts'
import type { LossOptions } from './ppo-programs.ts'
import type { RunOptions, Trainable } from './types.ts'

/** The values that PPO works on. */
export interface PpoRun {
  readonly policy: Trainable
  /** A separate critic (a reward model's shape); without it, the value head is on the policy's trunk. */
  readonly critic?: Trainable
  readonly reference: { readonly architecture: Architecture; readonly parameters: Parameters }
  readonly reward: Reward
  /** Prompts of an iteration, a function of its number only. */
  readonly prompts: (step: number) => readonly (readonly number[])[]
  /** β of the KL penalty in the reward. */
  readonly kl: KlController
  /** The policy's objective, and what adapts its coefficient (PPO-Penalty). */
  readonly surrogate?: Surrogate
  readonly penalty?: KlController
  /** PPO-ptx: γ times the cross-entropy of pretraining rows joins every update (InstructGPT, Ouyang et al. 2022, PPO-ptx). */
  readonly pretraining?: {
    readonly rows: (step: number) => readonly Sequence[]
    readonly coefficient: number
  }
}

/** Numbers of PPO under their usual symbols. */
export interface PpoOptions extends RunOptions, LossOptions {
  readonly maxNewTokens: number
  /** The token that ends a completion, or all that do. */
  readonly endOfText: number | readonly number[]
  /** Subtracted from the score of a completion that did not end. */
  readonly missingEosPenalty: number
  readonly gamma: number
  readonly lambda: number
  readonly whitenRewards: boolean
  /** Passes over each batch of experience, and parts it is cut into. */
  readonly epochs: number
  readonly minibatches: number
  /** Rows that are differentiated at one time. */
  readonly microBatchSize: number
}
