import { mean } from '@attune/feedback'
import { type NdArray, ndarray, valueAndGrad } from '@attune/grad'
import { logRatio } from '../objectives/direct/pair.ts'
import type { UnpairedLoss } from '../objectives/direct/unpaired.ts'
import { chunksOf } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { type SequenceScores, sequenceLogProbs } from '../rollout/reference.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { type Sequence, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import { mismatchedKl, type ReferencePoint } from './reference-point.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** A completion that somebody liked or did not. */
export interface JudgedCompletion extends Sequence {
  readonly desirable: boolean
  /** A factor of its weight, as `densityRatios` gives it; 1 without it. */
  readonly weight?: number
}

/** Numbers of learning from thumbs. */
export interface UnpairedPreferenceOptions extends RunOptions {
  /** Completions per step; two or more with KTO's reference point. */
  readonly batchSize: number
  readonly microBatchSize?: number
  readonly loss: UnpairedLoss
  /** What rewards are compared with; default: KTO's z₀. */
  readonly point?: ReferencePoint
  readonly beta: number
  /** λ_D and λ_U: weights of desirable and undesirable completions. */
  readonly desirableWeight?: number
  readonly undesirableWeight?: number
  /** Most tokens of a prompt with another row's completion, for the reference point; default: the model's context. */
  readonly maxLength?: number | undefined
  readonly reference: SequenceScores
}

interface JudgedBatch extends SequenceBatch {
  readonly reference: NdArray
  readonly desirable: NdArray
  readonly weight: NdArray
  readonly point: number
}

/** Optimises a policy on thumbs up and down without pairs (KTO, Ethayarajh et al. 2024). */
export async function* unpairedPreference(
  { architecture, parameters, optimizer }: Trainable,
  data: readonly JudgedCompletion[],
  options: UnpairedPreferenceOptions,
): AsyncGenerator<StepRecord> {
  const {
    loss,
    beta,
    point: pointOf = mismatchedKl,
    reference,
    maxLength = architecture.contextLength,
    batchSize,
    microBatchSize = batchSize,
    seed,
    start = 0,
    steps,
    device,
  } = options
  const policyScores = sequenceLogProbs({ architecture, parameters }, { device, batchSize: microBatchSize })
  const gradient = valueAndGrad<[JudgedBatch]>(
    (weights, { mask, reference, desirable, weight, point, ...batch }) => {
      const logp = tokenLogProbs(architecture, weights, batch).logp.mul(mask).sum({ axes: 1 })
      const objective = loss({ logp, reference, desirable, weight }, point)
      return { loss: objective.loss, stats: { reward: logRatio({ logp, reference }).mul(beta) } }
    },
    { device },
  )
  const indicesOf = (step: number) => batchIndices(data.length, { batch: batchSize, step, seed })
  const rowsOf = (step: number) => indicesOf(step).map((index) => data[index]!)
  try {
    for (let step = 0; reference.remembers && step < start; step++) await reference(rowsOf(step))
    for (let step = start; step < steps; step++) {
      const rows = rowsOf(step)
      const theirs = await reference(rows)
      const point = await pointOf.of(rows, { policy: policyScores, reference, maxLength })
      const shared = { weightOf: weights(rows.length, options), point }
      const scored = rows.map((row, i) => ({ row, reference: theirs[i]! }))
      const microBatches = chunksOf(scored, microBatchSize).map((part) => judgedBatch(part, shared))
      const rewards: number[] = []
      const result = await accumulatedGradient(gradient, parameters, {
        microBatches,
        observe: (aux) => rewards.push(...aux.reward!.data),
      })
      const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, {
        step,
        rows: indicesOf(step),
      })
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          ...(pointOf.name ? { [pointOf.name]: point } : {}),
          ...rewardStats(rows, rewards),
          grad_norm: gradientNorm,
          learning_rate: learningRate,
          epoch: ((step + 1) * batchSize) / data.length,
        },
      }
    }
  } finally {
    await gradient.dispose()
    await policyScores.dispose()
  }
}

/** λ·w/B of a row. */
function weights(
  count: number,
  { desirableWeight = 1, undesirableWeight = 1 }: UnpairedPreferenceOptions,
): (row: JudgedCompletion) => number {
  return ({ desirable, weight = 1 }) => ((desirable ? desirableWeight : undesirableWeight) * weight) / count
}

function judgedBatch(
  scored: readonly { readonly row: JudgedCompletion; readonly reference: number }[],
  { weightOf, point }: { weightOf: (row: JudgedCompletion) => number; point: number },
): JudgedBatch {
  const rows = scored.map(({ row }) => row)
  const vector = (numbers: readonly number[]) => ndarray([...numbers], [rows.length])
  return {
    ...sequenceBatch(rows),
    reference: vector(scored.map(({ reference }) => reference)),
    desirable: vector(rows.map(({ desirable }) => Number(desirable))),
    weight: vector(rows.map(weightOf)),
    point,
  }
}

/** Mean implicit rewards of either kind, and their difference where the batch has both. */
function rewardStats(rows: readonly JudgedCompletion[], rewards: readonly number[]): Record<string, number> {
  const of = (kind: boolean) => rewards.filter((_, row) => rows[row]!.desirable === kind)
  const [chosen, rejected] = [of(true), of(false)]
  return {
    ...(chosen.length > 0 ? { 'rewards/chosen': mean(chosen) } : {}),
    ...(rejected.length > 0 ? { 'rewards/rejected': mean(rejected) } : {}),
    ...(chosen.length > 0 && rejected.length > 0 ? { 'rewards/margins': mean(chosen) - mean(rejected) } : {}),
  }
}
