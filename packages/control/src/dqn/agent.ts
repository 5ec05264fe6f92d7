import {
  adamw,
  cpu,
  type NdArray,
  ndarray,
  type Parameters,
  type Random,
  randomKey,
  type Tensor,
  value,
  valueAndGrad,
} from '@attune/grad'
import type { ActorCritic } from '../policies/actor-critic.ts'
import type { Replay } from '../replay/replay.ts'
import type { ReplayAgent } from '../replay/replay-learner.ts'
import { agentTensors, copied, restoreAgent } from '../replay/tensors.ts'
import { doubleTargets, duelingValues, largeMarginLoss, temporalDifferenceLoss } from './objectives.ts'
import type { DqnOptions, ImitationOptions } from './options.ts'

/** Demonstrations, and how they are learnt from. */
export interface Imitation extends ImitationOptions {
  readonly demonstrations: Replay
}

/** An agent whose network can be played: the likeliest action of its heads is the one of the highest value. */
export interface DqnAgent extends ReplayAgent {
  /** Live weights. */
  readonly parameters: Parameters
}

interface Batch {
  readonly observations: NdArray
  readonly actions: NdArray
  readonly targets: NdArray
  /** 1 where the reward is known, and where the action was demonstrated. */
  readonly known: NdArray
  readonly demonstrated: NdArray
}

/** Double, dueling deep Q-learning with first weights: the network's heads are advantages A(s, ·), its values V(s). */
export function dqnAgent(network: ActorCritic, options: DqnOptions, imitation?: Imitation): DqnAgent {
  const { seed, learningRate, maxGradientNorm, batchSize, targetInterval } = options
  const fast = network.initial(seed)
  const weights = { values: fast, slow: copied(fast) }
  const optimizers = { values: adamw({ learningRate, maxGradientNorm }) }
  const programs = dqnPrograms(network, options.gamma, imitation)
  const acting = network.acting(fast)
  const { headSize: actionCount, mode } = network.distribution
  const expertRows = imitation ? Math.round(imitation.share * batchSize) : 0

  const learn = async (rows: Rows, expert: number, rewarded: boolean) => {
    const targets = await programs.targets(fast, weights.slow, {
      next: matrix(rows.next, batchSize),
      rewards: ndarray(rows.rewards, [batchSize]),
      terminated: ndarray(rows.terminated, [batchSize]),
    })
    const { value: loss, grads } = await programs.loss(fast, {
      observations: matrix(rows.observations, batchSize),
      actions: matrix(rows.actions, batchSize),
      targets,
      known: ndarray(new Float32Array(batchSize).fill(rewarded ? 1 : 0), [batchSize]),
      demonstrated: ndarray(new Float32Array(batchSize).fill(1, batchSize - expert), [batchSize]),
    })
    const { gradientNorm } = optimizers.values.update(fast, grads)
    if (optimizers.values.step % targetInterval === 0) take(weights.slow, fast)
    return { 'train/loss': loss, 'train/grad_norm': gradientNorm }
  }

  return {
    parameters: fast,
    act: async (observations, draw) => {
      const { heads } = await acting.forward(observations)
      const actions = new Float32Array(heads.length / actionCount)
      const epsilon = draw ? explorationRate(draw.taken, options) : 0
      for (let row = 0; row < actions.length; row++)
        if (draw && draw.random.uniform() < epsilon) actions[row] = draw.random.int(actionCount)
        else mode({ heads, actions, row })
      return actions
    },
    prepare: async () => {
      for (let update = 0; update < (imitation?.updates ?? 0); update++) {
        const { demonstrations } = imitation!
        const random = randomKey(seed, 'imitation', update)
        const rows = drawRows(demonstrations, { count: batchSize, among: demonstrations.size(), random })
        await learn(rows, batchSize, false)
      }
      if (imitation) take(weights.slow, fast)
    },
    update: async (buffer, random) => {
      const from = (held: Replay, count: number) => drawRows(held, { count, among: held.labelled(), random })
      const own = from(buffer, batchSize - expertRows)
      const rows = imitation ? joined(own, from(imitation.demonstrations, expertRows)) : own
      return await learn(rows, expertRows, true)
    },
    metrics: (taken) => ({ 'rollout/exploration_rate': explorationRate(taken, options) }),
    tensors: () => agentTensors(weights, optimizers),
    restore: (saved) => restoreAgent(saved, weights, optimizers),
    dispose: async () => {
      await acting.dispose()
      for (const program of Object.values(programs)) await program.dispose()
    },
  }
}

/** The loss on a batch with its gradient, and the targets that it is measured against. */
function dqnPrograms(network: ActorCritic, gamma: number, imitation: ImitationOptions | undefined) {
  const device = { device: cpu({ threads: 1 }) }
  const targets = value<
    [Parameters, Parameters, { next: NdArray; rewards: NdArray; terminated: NdArray }],
    Tensor
  >((fast, slow, { next, ...batch }) => {
    const values = duelingValues(network.forward(fast, next))
    return doubleTargets({ ...batch, values, slowValues: duelingValues(network.forward(slow, next)), gamma })
  }, device)
  const loss = valueAndGrad<[Batch]>((parameters, { observations, known, demonstrated, ...batch }) => {
    const values = duelingValues(network.forward(parameters, observations))
    const taken = { ...batch, values, actions: batch.actions.cast('int32') }
    const error = temporalDifferenceLoss({ ...taken, weight: known })
    if (!imitation) return error
    return error.add(
      largeMarginLoss({ ...taken, weight: demonstrated }, imitation.margin).mul(imitation.weight),
    )
  }, device)
  return { targets, loss }
}

type Rows = ReturnType<Replay['rows']>

function drawRows(
  held: Replay,
  { count, among, random }: { readonly count: number; readonly among: number; readonly random: Random },
): Rows {
  return held.rows(Array.from({ length: count }, () => random.int(among)))
}

function joined(a: Rows, b: Rows): Rows {
  const join = (name: keyof Rows) => {
    const both = new Float32Array(a[name].length + b[name].length)
    both.set(a[name])
    both.set(b[name], a[name].length)
    return both
  }
  return {
    observations: join('observations'),
    actions: join('actions'),
    next: join('next'),
    rewards: join('rewards'),
    terminated: join('terminated'),
  }
}

function matrix(data: Float32Array, rows: number): NdArray {
  return ndarray(data, [rows, data.length / rows])
}

function explorationRate(taken: number, { explorationFinal, explorationSteps }: DqnOptions): number {
  return 1 + Math.min(taken / explorationSteps, 1) * (explorationFinal - 1)
}

function take(into: Parameters, from: Parameters): void {
  for (const [name, { data }] of Object.entries(into)) data.set(from[name]!.data)
}
