import { valueAndGrad } from '@attune/grad'
import { crossEntropy } from '../objectives/language-model.ts'
import { chunksByLength } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { packedBatches } from '../rollout/packing.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { lengthOf, type Sequence, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** Numbers of supervised fine-tuning. */
export interface SftOptions extends RunOptions {
  readonly batchSize: number
  /** Rows that are differentiated at one time; the gradients of a batch add up. Default: the whole batch. */
  readonly microBatchSize?: number
  /** Packs the rows of a batch into rows of so many tokens instead of padding each; `microBatchSize` counts packed rows. */
  readonly packedLength?: number
  /** Rows of the linear-cross-entropy that exist at one time; default: all. */
  readonly chunk?: number
}

/** Supervised fine-tuning: cross-entropy on completions only (stage 1 of InstructGPT, Ouyang et al. 2022). */
export async function* sft(
  { architecture, parameters, optimizer }: Trainable,
  data: readonly Sequence[],
  { batchSize, microBatchSize = batchSize, packedLength, chunk, seed, start = 0, steps, device }: SftOptions,
): AsyncGenerator<StepRecord> {
  const gradient = valueAndGrad<[SequenceBatch & { count: number }]>(
    (weights, { mask, count, ...batch }) =>
      crossEntropy({ ...tokenLogProbs(architecture, weights, { ...batch, chunk }), mask, count }),
    { device },
  )
  const indicesOf = (step: number) => batchIndices(data.length, { batch: batchSize, step, seed })
  const tokensOf = (indices: readonly number[]) =>
    indices.reduce((total, index) => total + data[index]!.completion.length, 0)
  let seen = 0
  for (let step = 0; step < start; step++) seen += tokensOf(indicesOf(step))
  try {
    for (let step = start; step < steps; step++) {
      const indices = indicesOf(step)
      const rows = indices.map((index) => data[index]!)
      const count = tokensOf(indices)
      seen += count
      const batches = packedLength
        ? packedBatches(rows, { time: packedLength, size: microBatchSize })
        : chunksByLength(rows, { size: microBatchSize, length: lengthOf }).map((part) => sequenceBatch(part))
      const microBatches = batches.map((batch) => ({ ...batch, count }))
      const result = await accumulatedGradient(gradient, parameters, { microBatches })
      const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, {
        step,
        rows: indices,
      })
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          grad_norm: gradientNorm,
          learning_rate: learningRate,
          num_tokens: seen,
          epoch: ((step + 1) * batchSize) / data.length,
        },
      }
    }
  } finally {
    await gradient.dispose()
  }
}
