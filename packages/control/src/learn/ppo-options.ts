import type { Device } from '@attune/grad'
import type { KlController } from '@attune/rlhf/advantages'
import type { Objective, Surrogate, ValueBatch } from '@attune/rlhf/objectives'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { RewardScaler } from './normalise.ts'
import type { Policy } from './policy.ts'
import type { Rollout } from './record.ts'

/** Steps that rewards are asked for, one a row: a rollout's [T·N], or a replay buffer's. */
export type RewardedSteps = Pick<
  Rollout,
  'observations' | 'nextObservations' | 'actions' | 'rewards' | 'terminated'
>

/**
 * Rewards of steps in place of the environments' own: a reward model, a person's taste. `fresh` says that these are some more, beside
 * those of the last call.
 */
export type RolloutReward = (steps: RewardedSteps, fresh?: boolean) => Float32Array | Promise<Float32Array>

/** A critic's loss. */
export type ValueObjective = (batch: ValueBatch) => Objective

/** The values that PPO works on. */
export interface PpoRun {
  readonly policy: Policy
  readonly environments: VectorEnvironment
  /** Where the environments stand, when an earlier process has stepped them; without it they are reset with the seed. */
  readonly observations?: Float32Array
  /** Instead of the environments' own reward; where it gives none, the policy only acts. */
  readonly reward?: (rollout: Rollout) => ReturnType<RolloutReward> | undefined
  readonly rewardScaler?: RewardScaler
  /** The policy's objective; PPO-Clip with ε 0.2 when not given. */
  readonly surrogate?: Surrogate
  /** The coefficient of a surrogate that takes one (PPO-Penalty); told after every iteration how far the policy moved. */
  readonly penalty?: KlController
  /** The critic's; clipped at 0.2 when not given. */
  readonly valueObjective?: ValueObjective
}

/** Numbers of PPO under their usual symbols. */
export interface PpoOptions {
  readonly seed: number
  /** Iterations already done by an earlier process, and the iteration to stop after. */
  readonly start?: number
  readonly iterations: number
  /** Steps of every environment in an iteration. */
  readonly steps: number
  readonly epochs: number
  readonly minibatches: number
  readonly gamma: number
  readonly lambda: number
  readonly entropyCoefficient: number
  readonly valueCoefficient: number
  /** Whether a minibatch's advantages are brought to mean 0 and deviation 1; they are when it is not said. */
  readonly standardise?: boolean
  /** Ends an iteration's epochs when the mean approximate KL of one is above it. */
  readonly targetKl?: number
  readonly device: Device
}

/** What PPO yields after every iteration. */
export interface PpoRecord {
  /** Iterations done so far, counted from 1. */
  readonly step: number
  /** Under Stable-Baselines3's names. */
  readonly metrics: Readonly<Record<string, number>>
  readonly rollout: Rollout
  /** Where the environments stand now [N, observation]. */
  readonly observations: Float32Array
}
