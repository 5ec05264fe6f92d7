import { type NdArray, ndarray, type Tensor, valueAndGrad } from '@attune/grad'
import { overPairs, type PairLoss, type ScoredCompletions } from '../objectives/direct/pair.ts'
import { chunksByLength } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import type { SequenceScores } from '../rollout/reference.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { lengthOf, type Sequence, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, checkFinite } from './gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** Two completions of one prompt, as token ids. */
export interface PreferencePair {
  readonly prompt: readonly number[]
  readonly chosen: readonly number[]
  readonly rejected: readonly number[]
}

/** Numbers of direct preference optimisation. */
export interface DirectPreferenceOptions extends RunOptions {
  /** Pairs per step. */
  readonly batchSize: number
  /** Pairs that are differentiated at one time. */
  readonly microBatchSize?: number
  readonly loss: PairLoss
  /** Scale of the implicit rewards β·log π/π_ref in the metrics. */
  readonly beta: number
  /** Σ_t log π_ref(y_t); `noReference` for losses that need none. */
  readonly reference: SequenceScores
}

interface DirectBatch extends SequenceBatch {
  /** Σ_t log π_ref(y_t) [2P]: first the chosen, then the rejected. */
  readonly reference: NdArray
  readonly weight: NdArray
}

/** Optimises a policy on pairs without a reward model (DPO, Rafailov et al. 2023, and the losses of its kind). */
export async function* directPreference(
  { architecture, parameters, optimizer }: Trainable,
  pairs: readonly PreferencePair[],
  options: DirectPreferenceOptions,
): AsyncGenerator<StepRecord> {
  const {
    loss,
    beta,
    reference,
    batchSize,
    microBatchSize = batchSize,
    seed,
    start = 0,
    steps,
    device,
  } = options
  const rows = pairs.map(bothSequences)
  const gradient = valueAndGrad<[DirectBatch]>(
    (weights, { mask, reference, weight, ...batch }) => {
      const { logp } = tokenLogProbs(architecture, weights, batch)
      const [chosen, rejected] = halves({
        logp: logp.mul(mask).sum({ axes: 1 }),
        reference,
        length: mask.sum({ axes: 1 }),
      })
      return overPairs({ chosen, rejected, weight }, loss, beta)
    },
    { device },
  )
  try {
    for (let step = start; step < steps; step++) {
      const indices = batchIndices(rows.length, { batch: batchSize, step, seed })
      const batch = indices.map((index) => rows[index]!)
      const microBatches: DirectBatch[] = []
      for (const part of chunksByLength(batch, { size: microBatchSize, length: longer })) {
        const sequences = [...part.map(([chosen]) => chosen), ...part.map(([, rejected]) => rejected)]
        microBatches.push({
          ...sequenceBatch(sequences),
          reference: ndarray([...(await reference(sequences))], [sequences.length]),
          weight: ndarray(new Float32Array(part.length).fill(1 / batch.length), [part.length]),
        })
      }
      const result = await accumulatedGradient(gradient, parameters, { microBatches })
      checkFinite(result, { step, rows: indices })
      const { gradientNorm, learningRate } = optimizer.update(parameters, result.gradients)
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          ...result.stats,
          grad_norm: gradientNorm,
          learning_rate: learningRate,
          epoch: ((step + 1) * batchSize) / rows.length,
        },
      }
    }
  } finally {
    await gradient.dispose()
  }
}

function bothSequences({ prompt, chosen, rejected }: PreferencePair): readonly [Sequence, Sequence] {
  return [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ]
}

function longer(pair: readonly Sequence[]): number {
  return Math.max(...pair.map(lengthOf))
}

/** [2P] → chosen [P] and rejected [P]. */
function halves(both: ScoredCompletions): [ScoredCompletions, ScoredCompletions] {
  const count = both.logp.shape[0]! / 2
  const part = (pick: (x: Tensor) => Tensor) => ({
    logp: pick(both.logp),
    reference: pick(both.reference),
    length: pick(both.length),
  })
  return [part((x) => x.slice(0, 0, count)), part((x) => x.slice(0, count))]
}
