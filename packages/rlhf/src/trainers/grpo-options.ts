import type { Parameters } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import type { GroupAdvantage } from '../advantages/group.ts'
import type { TokenAdvantage } from '../advantages/token.ts'
import type { PolicyGradient } from '../objectives/policy-gradient/policy-gradient.ts'
import type { Reward } from '../reward/reward.ts'
import type { Sampler, SamplingNumbers } from '../rollout/sampler.ts'
import type { RunOptions, Trainable } from './types.ts'

/** The values that critic-free policy optimisation works on: surrogate × aggregation × advantage make the algorithm. */
export interface GrpoRun {
  readonly policy: Trainable
  /** Needed when a KL penalty is on. */
  readonly reference?: { readonly architecture: Architecture; readonly parameters: Parameters }
  readonly reward: Reward
  /** Prompts of a step, a function of its number and of how often the step has asked (dynamic sampling). */
  readonly prompts: (step: number, round: number) => readonly (readonly number[])[]
  readonly objective: PolicyGradient
  readonly advantage: GroupAdvantage | TokenAdvantage
  /** Where completions come from; without it, from the policy itself. */
  readonly sampler?: Sampler
}

/** Numbers of GRPO and its kin under their usual symbols. */
export interface GrpoOptions extends RunOptions, SamplingNumbers {
  /** G: completions of each prompt. */
  readonly groupSize: number
  /** μ: passes over each batch. */
  readonly iterations: number
  /** Optimiser steps that each pass is cut into. */
  readonly minibatches: number
  /** Sequences that are differentiated at one time. */
  readonly microBatchSize: number
  /** β of −β·Σ(log π − log π_ref) in the reward (RLOO, REINFORCE++); the penalty in the loss is the objective's. */
  readonly rewardKlCoefficient: number
  /** Completions that were cut for length count for nothing (DAPO's overlong filtering). */
  readonly maskTruncated: boolean
  /** Prompts are drawn again, so many rounds at most, for groups whose scores are all equal (DAPO's dynamic sampling); 1 keeps all. */
  readonly samplingRounds: number
}
