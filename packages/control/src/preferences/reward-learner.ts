import { adamw, type Optimizer, type Parameters, type Random, randomKey } from '@attune/grad'
import type { Box, Space } from '../envs/space.ts'
import { type MomentsState, type RunningMoments, runningMoments } from '../learn/normalise.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'
import { takeParameters } from '../replay/tensors.ts'
import { type Bootstrap, bootstrap } from './bootstrap.ts'
import type { Clip, RecordedRollout } from './clip.ts'
import type { LabelledPair } from './labels.ts'
import { type RewardFeatures, rewardFeatures } from './reward-features.ts'
import { adaptDecay, scoreFit } from './reward-fit.ts'
import { type RewardNetwork, rewardParameters } from './reward-network.ts'
import { predictRows, rewardPrograms, trainBatch } from './reward-programs.ts'
import { type Standard, standardOf } from './standard.ts'

/** Learns a reward from labelled pairs. */
export interface RewardLearner {
  /** Takes new observations into the statistics that inputs are normalised by. */
  readonly observe: (recorded: RecordedRollout) => void
  /** Some updates on all pairs; returns loss, accuracy and the like, of up to 256 pairs. */
  readonly fit: (pairs: readonly LabelledPair[], iteration: number) => Promise<Record<string, number>>
  /** Brings every member's rewards on these rollouts to mean 0 and deviation 1. */
  readonly calibrate: (rollouts: readonly RecordedRollout[]) => Promise<void>
  /** Mean of the members' standardised rewards. */
  readonly reward: RolloutReward
  /** Each member's sum of rewards of each clip, as learnt: [E][clips]. */
  readonly returns: (clips: readonly Clip[]) => Promise<readonly Float32Array[]>
  /** Whether it has been fitted to any label. */
  readonly fitted: () => boolean
  readonly parameters: Parameters
  /** All that `observe`, `fit` and `calibrate` change; its tensors are live. */
  readonly state: () => RewardState
  /** Takes back what `state` gave. Throws when it is of another network. */
  readonly restore: (state: RewardState) => void
  readonly dispose: () => Promise<void>
}

/** A reward learner as files can hold it: tensors, and numbers as JSON. */
export interface RewardState {
  readonly parameters: Parameters
  readonly optimizer: Parameters
  readonly numbers: {
    readonly fits: number
    readonly decay: readonly number[]
    /** What each member's outputs are standardised by. */
    readonly standard: readonly Standard[]
    readonly moments: MomentsState
  }
}

/** Numbers of the reward ensemble. */
export interface RewardLearnerOptions {
  readonly seed: number
  /** Steps of the longest clip. */
  readonly length: number
  readonly learningRate: number
  /** Pairs in a minibatch of each member. */
  readonly batchSize: number
  /** Updates in the first fit and in later ones. */
  readonly firstUpdates: number
  readonly updates: number
  /** ε of eq. 1: share of answers given at random, 0.1 in the paper. */
  readonly lapse: number
  /** First coefficient of Σ w² of every member, up to 0.01; it is adapted on the pairs that the member never sees, but 0 stays 0. */
  readonly weightDecay: number
}

/** The ensemble of Christiano et al. 2017, §2.2.3: bootstrapped members, lapses, adapted decay, standardised outputs. Throws a `RangeError` for a weight decay beyond its bounds. */
export function rewardLearner(
  { observationSpace, actionSpace }: { readonly observationSpace: Box; readonly actionSpace: Space },
  network: RewardNetwork,
  options: RewardLearnerOptions,
): RewardLearner {
  const { members } = network
  if (!(options.weightDecay >= 0 && options.weightDecay <= 0.01))
    throw new RangeError(`a weight decay of ${options.weightDecay}: expected 0 to 0.01`)
  const moments = runningMoments(observationSpace.low.length)
  const features = rewardFeatures(moments, actionSpace)
  // sums over clips begin small: a lapse takes the gradient from pairs that are far apart and wrong
  const parameters = rewardParameters(network, options.seed, { outputScale: 0.1 })
  const optimizer = adamw({ learningRate: options.learningRate })
  const decay = new Float32Array(members).fill(options.weightDecay)
  const standard: Standard[] = Array.from({ length: members }, () => ({ mean: 0, scale: 1 }))
  const programs = rewardPrograms(network, options)
  let fits = 0

  const predict = (parts: readonly Rows[]) =>
    predictRows(programs.predict, { parameters, members }, featureRows(parts, { features, moments }))
  const improve = async (
    pairs: readonly LabelledPair[],
    { sample, updates, iteration }: { sample: Bootstrap; updates: number; iteration: number },
  ): Promise<number> => {
    let norm = 0
    for (let update = 0; update < updates; update++) {
      const drawn = sample.batch(update, options.batchSize)
      const batch = trainBatch(pairs, drawn, { features, decay, length: options.length })
      const { value: loss, grads } = await programs.train(parameters, batch)
      if (!Number.isFinite(loss))
        throw new RangeError(
          `the reward loss of iteration ${iteration} is ${loss}: lower the reward's learning rate`,
        )
      norm = optimizer.update(parameters, grads).gradientNorm
    }
    return norm
  }
  const returns: RewardLearner['returns'] = async (clips) =>
    (await predict(clips)).map((member) => sumsOf(member, clips))

  return {
    observe: ({ rollout }) => moments.update(rollout.observations),
    fit: async (pairs, iteration) => {
      checkLengths(pairs, options.length)
      if (pairs.length === 0) return {}
      const sample = bootstrap(pairs, { seed: options.seed, members, iteration })
      const updates = fits++ === 0 ? options.firstUpdates : options.updates
      const norm = await improve(pairs, { sample, updates, iteration })
      const some = someOf(pairs, randomKey(options.seed, 'score', iteration))
      const sums = await returns(some.pairs.flatMap(({ first, second }) => [first, second]))
      const scored = scoreFit(sums, { pairs: some.pairs, sample: some.of(sample), lapse: options.lapse })
      adaptDecay(decay, scored.members)
      const weightDecay = total(decay) / members
      return { ...scored.metrics, 'reward/grad_norm': norm, 'reward/weight_decay': weightDecay }
    },
    calibrate: async (rollouts) => {
      const outputs = await predict(rollouts.map(({ rollout }) => rollout))
      standard.splice(0, members, ...outputs.map(standardOf))
    },
    reward: async (rollout) => {
      return meanOfStandardised(await predict([rollout]), standard)
    },
    returns,
    fitted: () => fits > 0,
    parameters,
    ...saving(
      { parameters, optimizer, decay, standard, moments },
      {
        get: () => fits,
        set: (done) => {
          fits = done
        },
      },
    ),
    dispose: async () => {
      await programs.train.dispose()
      await programs.predict.dispose()
    },
  }
}

type Rows = Pick<Clip, 'observations' | 'actions'>

function featureRows(
  parts: readonly Rows[],
  { features, moments }: { features: RewardFeatures; moments: RunningMoments },
): { rows: Float32Array; width: number } {
  const counts = parts.map(({ observations }) => observations.length / moments.size)
  const rows = new Float32Array(total(counts) * features.width)
  let at = 0
  for (const [i, part] of parts.entries()) {
    features.write(part, rows, at)
    at += counts[i]!
  }
  return { rows, width: features.width }
}

/** Mean over members of their standardised rewards [E][R]. */
function meanOfStandardised(outputs: readonly Float32Array[], standard: readonly Standard[]): Float32Array {
  return outputs[0]!.map((_, row) => {
    const standardised = standard.map(({ mean, scale }, e) => (outputs[e]![row]! - mean) * scale)
    return total(standardised) / standard.length
  })
}

const mostScored = 256

/** Up to 256 pairs that a fit is scored on: to score all of some thousand would take longer than the fit. */
function someOf(pairs: readonly LabelledPair[], random: Random) {
  const chosen =
    pairs.length <= mostScored
      ? pairs.map((_, i) => i)
      : [...random.permutation(pairs.length).subarray(0, mostScored)]
  return {
    pairs: chosen.map((i) => pairs[i]!),
    of: (sample: Bootstrap): Bootstrap => ({
      ...sample,
      counts: sample.counts.map((member) => chosen.map((i) => member[i]!)),
    }),
  }
}

function checkLengths(pairs: readonly LabelledPair[], length: number): void {
  const long = pairs.flatMap(({ first, second }) => [first, second]).find(({ steps }) => steps > length)
  if (long)
    throw new RangeError(
      `clip ${long.id} has ${long.steps} steps, the reward learner takes at most ${length}: give it the clips' length`,
    )
}

/** What `state` and `restore` copy; the number of fits is a plain number of the learner. */
interface Learnt {
  readonly parameters: Parameters
  readonly optimizer: Optimizer
  readonly decay: Float32Array
  readonly standard: Standard[]
  readonly moments: RunningMoments
}

function saving(
  { parameters, optimizer, decay, standard, moments }: Learnt,
  fits: { readonly get: () => number; readonly set: (done: number) => void },
): Pick<RewardLearner, 'state' | 'restore'> {
  return {
    state: () => ({
      parameters,
      optimizer: optimizer.state(),
      numbers: { fits: fits.get(), decay: [...decay], standard: [...standard], moments: moments.state() },
    }),
    restore: (saved) => {
      takeParameters(parameters, saved.parameters)
      optimizer.restore(saved.optimizer)
      fits.set(saved.numbers.fits)
      decay.set(saved.numbers.decay)
      standard.splice(0, standard.length, ...saved.numbers.standard)
      moments.restore(saved.numbers.moments)
    },
  }
}

function sumsOf(rewards: Float32Array, clips: readonly Clip[]): Float32Array {
  let at = 0
  return Float32Array.from(clips, ({ steps }) => {
    at += steps
    return total(rewards.subarray(at - steps, at))
  })
}

function total(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum
}
