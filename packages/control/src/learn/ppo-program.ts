import { type NdArray, type Tensor, type Traced, valueAndGrad } from '@attune/grad'
import {
  clippedSurrogate,
  clippedValueLoss,
  entropyBonus,
  maskedMean,
  type Objective,
  type ValueBatch,
} from '@attune/rlhf/objectives'
import type { ActorCritic } from '../policies/actor-critic.ts'
import type { PpoOptions, PpoRun } from './ppo-options.ts'

/** A minibatch: observations [B, observation], actions [B, action], the rest [B]. */
export interface Minibatch {
  readonly observations: NdArray
  readonly actions: NdArray
  readonly oldLogp: NdArray
  readonly oldValue: NdArray
  readonly advantage: NdArray
  readonly returns: NdArray
  readonly mask: NdArray
  readonly count: number
}

/** ½ E (V − R)², without a clip. */
export function squaredValueLoss({ value, returns, mask, count }: ValueBatch): Objective {
  return { loss: maskedMean(value.sub(returns).square(), mask, count).mul(0.5), stats: {} }
}

/** The whole update's loss and gradient as one program: L = L_clip + c_v L_V − c_H H (Schulman et al. 2017, eq. 9), given the surrogate's coefficient too. */
export function ppoProgram(
  network: ActorCritic,
  {
    surrogate = clippedSurrogate(),
    valueObjective = clippedValueLoss,
    entropyCoefficient,
    valueCoefficient,
    device,
  }: Pick<PpoRun, 'surrogate' | 'valueObjective'> &
    Pick<PpoOptions, 'entropyCoefficient' | 'valueCoefficient' | 'device'>,
) {
  return valueAndGrad<[Minibatch, number]>(
    (parameters: Readonly<Record<string, Tensor>>, batch: Traced<Minibatch>, coefficient: Tensor) => {
      const { heads, values } = network.forward(parameters, batch.observations)
      const logp = network.distribution.logProbs(parameters, heads, batch.actions)
      const entropy = network.distribution.entropy(parameters, heads)
      const policy = surrogate({ ...batch, logp }, coefficient)
      const critic = valueObjective({ ...batch, value: values })
      const randomness = entropyBonus({ ...batch, entropy })
      return {
        loss: policy.loss.add(critic.loss.mul(valueCoefficient)).add(randomness.loss.mul(entropyCoefficient)),
        stats: {
          'train/policy_gradient_loss': policy.loss,
          'train/value_loss': critic.loss,
          'train/entropy': randomness.loss.neg(),
          'train/approx_kl': approximateKl(logp.sub(batch.oldLogp), batch),
          'train/clip_fraction': policy.stats['policy/clipfrac_avg'] ?? policy.loss.mul(0),
        },
      }
    },
    { device },
  )
}

/** E [r − 1 − log r], which is at least 0 (Schulman 2020, k3). */
function approximateKl(logRatio: Tensor, { mask, count }: { mask: Tensor; count: Tensor }): Tensor {
  return maskedMean(logRatio.exp().sub(1).sub(logRatio), mask, count)
}
