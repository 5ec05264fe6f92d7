import { maskedMean, type Surrogate } from '@attune/rlhf/objectives'
import { ppo } from './ppo.ts'
import type { PpoOptions, PpoRecord, PpoRun } from './ppo-options.ts'
import { squaredValueLoss } from './ppo-program.ts'

/** E A_t log π_θ(a_t | s_t): the policy gradient under an advantage (Mnih et al. 2016, §4). */
export const policyGradientSurrogate: Surrogate = ({ logp, advantage, mask, count }) => ({
  loss: maskedMean(logp.mul(advantage), mask, count).neg(),
  stats: {},
})

/** What advantage actor-critic has in place of PPO's clips, and of its epochs: a rollout is used once and whole, advantages as they are. */
export const a2cObjectives = {
  surrogate: policyGradientSurrogate,
  valueObjective: squaredValueLoss,
} as const
/** The numbers that go with `a2cObjectives`. */
export const a2cNumbers = { epochs: 1, minibatches: 1, standardise: false } as const

/**
 * Advantage actor-critic with all actors in step (A2C, after Mnih et al. 2016), as Christiano et al. (2017) have it for Atari: PPO
 * without what makes it PPO (Huang et al. 2022). One record an iteration.
 */
export function a2c(
  run: Omit<PpoRun, keyof typeof a2cObjectives | 'penalty'>,
  options: Omit<PpoOptions, keyof typeof a2cNumbers | 'targetKl'>,
): AsyncGenerator<PpoRecord> {
  return ppo({ ...run, ...a2cObjectives }, { ...options, ...a2cNumbers })
}
