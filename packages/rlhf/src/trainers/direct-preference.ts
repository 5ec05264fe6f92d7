import type { SequenceScores } from '../rollout/reference.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { descend } from './gradient.ts'
import { type PairGradientOptions, pairGradient, type SequencePair } from './pair-gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** Two completions of one prompt, as token ids. */
export interface PreferencePair {
  readonly prompt: readonly number[]
  readonly chosen: readonly number[]
  readonly rejected: readonly number[]
}

/** Numbers of direct preference optimisation. */
export interface DirectPreferenceOptions extends RunOptions, PairGradientOptions {
  /** Pairs per step. */
  readonly batchSize: number
  /** Pairs that are differentiated at one time. */
  readonly microBatchSize?: number
  /** How much each token counts: `lengthDesensitised` is LD-DPO; without it all count alike. */
  readonly tokenWeights?: ((pair: SequencePair) => SequencePair) | undefined
  /** Σ_t log π_ref(y_t); `noReference` for losses that need none. */
  readonly reference: SequenceScores
}

/** Optimises a policy on pairs without a reward model (DPO, Rafailov et al. 2023, and the losses of its kind). */
export async function* directPreference(
  { architecture, parameters, optimizer }: Trainable,
  pairs: readonly PreferencePair[],
  options: DirectPreferenceOptions,
): AsyncGenerator<StepRecord> {
  const {
    tokenWeights = (pair) => pair,
    reference,
    batchSize,
    microBatchSize = batchSize,
    seed,
    start = 0,
    steps,
  } = options
  const rows = pairs.map((pair) => tokenWeights(bothSequences(pair)))
  const gradient = pairGradient(architecture, options)
  const indicesOf = (step: number) => batchIndices(rows.length, { batch: batchSize, step, seed })
  const batchOf = (step: number) => indicesOf(step).map((index) => rows[index]!)
  try {
    for (let step = 0; reference.remembers && step < start; step++)
      await gradient.askReference(batchOf(step), { reference, microBatchSize })
    for (let step = start; step < steps; step++) {
      const indices = indicesOf(step)
      const batch = batchOf(step)
      const result = await gradient.of(parameters, batch, { reference, microBatchSize })
      const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, {
        step,
        rows: indices,
      })
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

function bothSequences({ prompt, chosen, rejected }: PreferencePair): SequencePair {
  return [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ]
}
