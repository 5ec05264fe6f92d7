import { intArray, type NdArray, ndarray, type Tensor, valueAndGrad } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { processReward } from '../objectives/process-reward.ts'
import { chunksByLength } from '../rollout/chunks.ts'
import { rewardHead } from '../rollout/forward.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** A worked solution whose steps were judged, each by itself. */
export interface JudgedSteps {
  readonly prompt: readonly number[]
  /** Token ids of every step; its last token carries the judgment. */
  readonly steps: readonly (readonly number[])[]
  readonly right: readonly boolean[]
}

/** Numbers of process reward modelling. */
export interface ProcessRewardOptions extends RunOptions {
  /** Solutions per step of the optimiser. */
  readonly batchSize: number
  readonly microBatchSize?: number
}

/** Judged solutions as arrays. */
export interface StepRows {
  readonly tokens: NdArray
  /** Index (row·T + position) of every step's last token. */
  readonly ends: NdArray
  readonly right: NdArray
  readonly weight: NdArray
}

/** Process reward modelling (Lightman et al. 2023; Uesato et al. 2022): a head of two classes at the end of every step. */
export async function* processRewardModel(
  { architecture, parameters, optimizer }: Trainable,
  data: readonly JudgedSteps[],
  { batchSize, microBatchSize = batchSize, seed, start = 0, steps, device }: ProcessRewardOptions,
): AsyncGenerator<StepRecord> {
  const gradient = valueAndGrad<[StepRows]>(
    (weights, { tokens, ends, ...batch }) =>
      processReward({ ...batch, logits: stepLogits(architecture, weights, { tokens, ends }) }),
    { device },
  )
  try {
    for (let step = start; step < steps; step++) {
      const indices = batchIndices(data.length, { batch: batchSize, step, seed })
      const rows = indices.map((index) => data[index]!)
      const count = rows.reduce((total, { right }) => total + right.length, 0)
      const parts = chunksByLength(rows, { size: microBatchSize, length: lengthOf })
      const microBatches = parts.map((part) => stepBatch(part, count))
      const result = await accumulatedGradient(gradient, parameters, { microBatches })
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
          epoch: ((step + 1) * batchSize) / data.length,
        },
      }
    }
  } finally {
    await gradient.dispose()
  }
}

/** Logits of wrong and right [N, 2] at positions `ends` [N]: a linear layer `score` [2, d] with a bias [2], as Hugging Face's token classifiers have. */
export function stepLogits(
  architecture: Architecture,
  weights: Readonly<Record<string, Tensor>>,
  { tokens, ends }: { tokens: Tensor; ends: Tensor },
): Tensor {
  const { hidden: rows } = architecture.trunk(weights, { tokens, places: ends })
  const bias = weights[`${rewardHead}.bias`]
  return rows.linear(weights[`${rewardHead}.weight`]!, { transposeB: true, bias })
}

/** Rows as arrays; every step weighs 1/count, by default the number of these steps. */
export function stepBatch(
  rows: readonly JudgedSteps[],
  count = rows.reduce((total, { right }) => total + right.length, 0),
): StepRows {
  const { tokens } = sequenceBatch(rows.map(({ prompt, steps }) => ({ prompt, completion: steps.flat() })))
  const time = tokens.shape[1]!
  const ends = rows.flatMap(({ prompt, steps }, row) => {
    let position = row * time + prompt.length - 1
    return steps.map(({ length }) => {
      position += length
      return position
    })
  })
  const right = rows.flatMap((row) => row.right.map(Number))
  return {
    tokens,
    ends: intArray(ends, [ends.length]),
    right: ndarray(right, [right.length]),
    weight: ndarray(new Float32Array(right.length).fill(1 / count), [right.length]),
  }
}

function lengthOf({ prompt, steps }: JudgedSteps): number {
  return prompt.length + steps.flat().length
}
