import { intArray, type NdArray, ndarray, valueAndGrad } from '@attune/grad'
import { crossEntropy } from '../objectives/language-model.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { batchIndices } from '../rollout/schedule.ts'
import type { SequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** Numbers of a pretraining run. */
export interface PretrainOptions extends RunOptions {
  /** Windows per step. */
  readonly batchSize: number
  /** Tokens per window. */
  readonly sequenceLength: number
}

/** Packed language modelling: windows of one long text, every token predicted from those before it. */
export async function* pretrain(
  { architecture, parameters, optimizer }: Trainable,
  tokens: Int32Array,
  { batchSize, sequenceLength, seed, start = 0, steps, device }: PretrainOptions,
): AsyncGenerator<StepRecord> {
  const windows = Math.floor((tokens.length - 1) / sequenceLength)
  if (windows === 0)
    throw new RangeError(`the text has ${tokens.length} tokens, a window takes ${sequenceLength + 1}`)
  const gradient = valueAndGrad<[SequenceBatch & { count: number }]>(
    (weights, { mask, count, ...batch }) =>
      crossEntropy({ ...tokenLogProbs(architecture, weights, batch), mask, count }),
    { device },
  )
  try {
    for (let step = start; step < steps; step++) {
      const rows = batchIndices(windows, { batch: batchSize, step, seed })
      const batch = packedBatch(tokens, rows, sequenceLength)
      const result = await accumulatedGradient(gradient, parameters, { microBatches: [batch] })
      const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, { step, rows })
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          grad_norm: gradientNorm,
          learning_rate: learningRate,
          num_tokens: (step + 1) * batch.count,
          epoch: ((step + 1) * batchSize) / windows,
        },
      }
    }
  } finally {
    await gradient.dispose()
  }
}

function packedBatch(
  tokens: Int32Array,
  windows: readonly number[],
  time: number,
): SequenceBatch & { count: number } {
  const shape = [windows.length, time]
  const window = (offset: number): NdArray => {
    const data = new Int32Array(windows.length * time)
    for (const [row, index] of windows.entries()) {
      data.set(tokens.subarray(index * time + offset, (index + 1) * time + offset), row * time)
    }
    return intArray(data, shape)
  }
  const mask = ndarray(new Float32Array(windows.length * time).fill(1), shape)
  return { tokens: window(0), targets: window(1), mask, count: windows.length * time }
}
