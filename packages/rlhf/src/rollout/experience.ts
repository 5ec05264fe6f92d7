import { type FloatArray, ndarray } from '@attune/grad'
import type { Completion } from '@attune/lm'
import { generalisedAdvantages, whiten } from '../advantages/gae.ts'
import { klEstimators } from '../advantages/kl.ts'
import { rowsOf } from './positions.ts'
import type { Sequence, SequenceBatch } from './sequences.ts'

/** Sampled completions with what the policy, the reference, the critic and the reward say of them; arrays are [B, T]. */
export interface Rollout {
  readonly sequences: readonly Sequence[]
  readonly completions: readonly Completion[]
  readonly batch: SequenceBatch
  readonly logp: Float32Array
  readonly referenceLogp: Float32Array
  readonly values: Float32Array
  /** One score per sequence. */
  readonly scores: readonly number[]
}

/** Numbers that turn a rollout into advantages. */
export interface ExperienceOptions {
  /** β of the KL penalty in the reward. */
  readonly klCoefficient: number
  readonly gamma: number
  readonly lambda: number
  /** Divide rewards by their deviation (the mean stays). */
  readonly whitenRewards: boolean
}

/** What a PPO update reads beside the sequences: arrays [B, T]. */
export interface Experience {
  readonly oldLogp: FloatArray
  readonly oldValue: FloatArray
  readonly advantage: FloatArray
  readonly returns: FloatArray
}

/** Rewards −β·(log π − log π_ref) at every token and the score at the last, then GAE and whitening over the batch. */
export function experience(
  rollout: Rollout,
  options: ExperienceOptions,
): { experience: Experience; kl: number[]; penalties: number[] } {
  const { batch, logp, referenceLogp, values, scores } = rollout
  const [rows, time] = batch.tokens.shape as [number, number]
  const mask = batch.mask.data as Float32Array
  const penalised = new Float32Array(rows * time)
  const kl = new Array<number>(rows).fill(0)
  for (let row = 0; row < rows; row++) {
    let last = row * time
    for (let t = row * time; t < (row + 1) * time; t++) {
      if (mask[t] === 0) continue
      const divergence = klEstimators.k1(logp[t]! - referenceLogp[t]!)
      kl[row]! += divergence
      penalised[t] = -options.klCoefficient * divergence
      last = t
    }
    penalised[last]! += scores[row]!
  }
  const rewards = options.whitenRewards ? whiten(penalised, mask, { shiftMean: false }) : penalised
  const { advantages, returns } = generalisedAdvantages({ rewards, values, mask, time }, options)
  const shaped = (data: Float32Array) => ndarray(data, [rows, time])
  return {
    experience: {
      oldLogp: shaped(logp),
      oldValue: shaped(values),
      advantage: shaped(whiten(advantages, mask)),
      returns: shaped(returns),
    },
    kl,
    penalties: kl.map((sum) => -options.klCoefficient * sum),
  }
}

/** The given rows of every array of an experience, cut to their first `time` columns. */
export function experienceRows(whole: Experience, rows: readonly number[], time: number): Experience {
  const pick = (array: FloatArray) => rowsOf(array, rows, time)
  return {
    oldLogp: pick(whole.oldLogp),
    oldValue: pick(whole.oldValue),
    advantage: pick(whole.advantage),
    returns: pick(whole.returns),
  }
}
