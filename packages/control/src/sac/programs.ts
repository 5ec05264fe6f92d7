import { concat, cpu, type NdArray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import { ensembleOutputs, type RewardNetwork } from '../preferences/reward-network.ts'

type Traced = Readonly<Record<string, Tensor>>

/** Shapes of actor ([observation] to mean and log-deviation of each action) and two critics ([observation, action] to 1). */
export interface SacNetworks {
  readonly actor: RewardNetwork
  readonly critics: RewardNetwork
  readonly actionSize: number
}

/** Networks with hidden layers of `hidden`. */
export function sacNetworks(
  { observationSize, actionSize }: { observationSize: number; actionSize: number },
  hidden: readonly number[],
): SacNetworks {
  return {
    actor: { members: 1, sizes: [observationSize, ...hidden, 2 * actionSize] },
    critics: { members: 2, sizes: [observationSize + actionSize, ...hidden, 1] },
    actionSize,
  }
}

/** Mean and log-deviation [B, action] of the normal numbers under the tanh; log σ lies in [−5, 2]. */
function head(
  { actor, actionSize }: SacNetworks,
  parameters: Traced,
  observations: Tensor,
): [Tensor, Tensor] {
  const both = ensembleOutputs(actor, parameters, observations.expandDims(0)).squeeze(0)
  const [mean, raw] = both.split([actionSize, actionSize], 1)
  return [mean!, raw!.tanh().add(1).mul(3.5).sub(5)]
}

/** Means and log-deviations side by side [B, 2 · action]. */
export function actorHeads(networks: SacNetworks, parameters: Traced, observations: Tensor): Tensor {
  return concat(head(networks, parameters, observations), 1)
}

/** a = tanh(μ + σε) and log π(a | s) = Σ log N(ε) − log σ − log(1 − a²). */
function draw(
  networks: SacNetworks,
  parameters: Traced,
  observations: Tensor,
  noise: Tensor,
): { actions: Tensor; logProbs: Tensor } {
  const [mean, logStd] = head(networks, parameters, observations)
  const before = mean.add(logStd.exp().mul(noise))
  // log(1 − tanh²u) = 2 (log 2 − u − softplus(−2u))
  const squash = before.neg().add(Math.LN2).sub(before.mul(-2).softplus()).mul(2)
  const normal = noise
    .square()
    .mul(-0.5)
    .sub(logStd)
    .sub(0.5 * Math.log(2 * Math.PI))
  return { actions: before.tanh(), logProbs: normal.sub(squash).sum({ axes: 1 }) }
}

/** Q [2, B]. */
function values({ critics }: SacNetworks, parameters: Traced, observations: Tensor, actions: Tensor): Tensor {
  const inputs = concat([observations, actions], 1)
  return ensembleOutputs(critics, parameters, inputs.expandDims(0).broadcastTo([2, ...inputs.shape])).squeeze(
    2,
  )
}

interface TargetBatch {
  readonly next: NdArray
  readonly noise: NdArray
  readonly rewards: NdArray
  readonly terminated: NdArray
}

/** The programs of soft actor-critic (Haarnoja et al. 2018): y, and the losses of critics and actor. */
export function sacPrograms(networks: SacNetworks, gamma: number) {
  const options = { device: cpu({ threads: 1 }) }
  // y = r + γ (1 − done) (min Q̄(s′, a′) − α log π(a′ | s′))
  const target = value<[Parameters, Parameters, TargetBatch, number], Tensor>(
    (actor, critics, batch, alpha) => {
      const { actions, logProbs } = draw(networks, actor, batch.next, batch.noise)
      const least = values(networks, critics, batch.next, actions).min({ axes: 0 })
      const ahead = least.sub(logProbs.mul(alpha)).mul(batch.terminated.neg().add(1))
      return batch.rewards.add(ahead.mul(gamma))
    },
    options,
  )
  const critic = valueAndGrad<[{ observations: NdArray; actions: NdArray; targets: NdArray }]>(
    (critics, { observations, actions, targets }) =>
      values(networks, critics, observations, actions).sub(targets).square().mean().mul(2),
    options,
  )
  const actor = valueAndGrad<[Parameters, { observations: NdArray; noise: NdArray }, number]>(
    (parameters, critics, { observations, noise }, alpha) => {
      const { actions, logProbs } = draw(networks, parameters, observations, noise)
      const least = values(networks, critics, observations, actions).min({ axes: 0 })
      return { loss: logProbs.mul(alpha).sub(least).mean(), stats: { logProb: logProbs.mean() } }
    },
    options,
  )
  return { target, critic, actor }
}
