import {
  type Compiled,
  type Device,
  type NdArray,
  type Parameters,
  type Tensor,
  type Traced,
  type ValueAndGradients,
  value,
  valueAndGrad,
} from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { crossEntropy } from '../objectives/language-model.ts'
import { clippedValueLoss, entropyBonus, type Surrogate } from '../objectives/ppo.ts'
import type { Experience } from '../rollout/experience.ts'
import {
  atPositions,
  entropy,
  learntStates,
  rewardHead,
  scalarHead,
  tokenLogProbs,
  valueHead,
} from '../rollout/forward.ts'
import type { SequenceBatch } from '../rollout/sequences.ts'

/** One micro-batch of a PPO update: `count` is the whole minibatch's number of tokens, `coefficient` the surrogate's. */
export interface UpdateBatch extends SequenceBatch, Experience {
  readonly count: number
  readonly coefficient: number
}

/** Numbers of the losses. */
export interface LossOptions {
  readonly temperature: number
  readonly valueClipRange: number
  readonly valueCoefficient: number
  readonly entropyCoefficient: number
}

/** The compiled functions of a PPO run. */
export interface PpoPrograms {
  readonly logProbs: Compiled<[Parameters, SequenceBatch], NdArray>
  readonly referenceLogProbs: Compiled<[Parameters, SequenceBatch], NdArray>
  readonly values: Compiled<[Parameters, SequenceBatch], NdArray>
  readonly policy: Compiled<[Parameters, UpdateBatch], ValueAndGradients>
  readonly critic: Compiled<[Parameters, UpdateBatch], ValueAndGradients>
  readonly pretraining: Compiled<
    [Parameters, SequenceBatch & { count: number; coefficient: number }],
    ValueAndGradients
  >
  readonly dispose: () => Promise<void>
}

/** Functions for a policy with its critic on the same trunk (`critic` undefined) or a separate one. */
export function ppoPrograms(
  models: {
    readonly policy: Architecture
    readonly reference: Architecture
    readonly critic: Architecture | undefined
  },
  { surrogate, device, ...options }: LossOptions & { readonly surrogate: Surrogate; readonly device: Device },
): PpoPrograms {
  const { policy: architecture } = models
  const criticArchitecture = models.critic ?? architecture
  const criticHead = models.critic ? rewardHead : valueHead
  const { temperature, valueCoefficient, entropyCoefficient } = options
  const valueObjective = (value: Tensor, batch: Traced<UpdateBatch>) =>
    clippedValueLoss({ value, ...batch }, options.valueClipRange)

  const logProbsOf = (model: Architecture) =>
    value<[Parameters, SequenceBatch], Tensor>(
      (weights, batch) => tokenLogProbs(model, weights, { ...batch, temperature }).logp,
      { device },
    )

  const programs = {
    logProbs: logProbsOf(architecture),
    referenceLogProbs: logProbsOf(models.reference),
    values: value<[Parameters, SequenceBatch], Tensor>(
      (weights, batch) => {
        const states = learntStates(criticArchitecture, weights, batch)
        return atPositions(states, batch, scalarHead(weights, criticHead))
      },
      { device },
    ),
    policy: valueAndGrad<[UpdateBatch]>(
      (weights, batch) => {
        const { logp, states } = tokenLogProbs(architecture, weights, { ...batch, temperature })
        const objective = surrogate({ logp, ...batch }, batch.coefficient)
        let loss = objective.loss
        let stats: Record<string, Tensor> = { ...objective.stats, 'loss/policy_avg': objective.loss }
        if (entropyCoefficient > 0) {
          const entropies = atPositions(states, batch, entropy(architecture, weights, temperature))
          const bonus = entropyBonus({ ...batch, entropy: entropies })
          loss = loss.add(bonus.loss.mul(entropyCoefficient))
          stats = { ...stats, ...bonus.stats }
        }
        if (!models.critic) {
          const values = atPositions(states, batch, scalarHead(weights, valueHead))
          const critic = valueObjective(values, batch)
          loss = loss.add(critic.loss.mul(valueCoefficient))
          stats = { ...stats, ...critic.stats, 'loss/value_avg': critic.loss }
        }
        return { loss, stats }
      },
      { device },
    ),
    critic: valueAndGrad<[UpdateBatch]>(
      (weights, batch) => {
        const states = learntStates(criticArchitecture, weights, batch)
        const values = atPositions(states, batch, scalarHead(weights, criticHead))
        const critic = valueObjective(values, batch)
        return {
          loss: critic.loss.mul(valueCoefficient),
          stats: { ...critic.stats, 'loss/value_avg': critic.loss },
        }
      },
      { device },
    ),
    pretraining: valueAndGrad<[SequenceBatch & { count: number; coefficient: number }]>(
      (weights, { coefficient, mask, count, ...batch }) => {
        const objective = crossEntropy({ ...tokenLogProbs(architecture, weights, batch), mask, count })
        return { loss: objective.loss.mul(coefficient), stats: { 'loss/pretraining_avg': objective.loss } }
      },
      { device },
    ),
  }
  const dispose = async () => {
    for (const program of Object.values(programs)) await program.dispose()
  }
  return { ...programs, dispose }
}
