import {
  boolArray,
  type Device,
  intArray,
  type NdArray,
  type Parameters,
  type Tensor,
  value,
} from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { chunksByLength } from '../rollout/chunks.ts'
import { logisticRegression } from './logistic-regression.ts'

/** A prompt whose completion somebody liked or did not. */
interface JudgedPrompt {
  readonly prompt: readonly number[]
  readonly desirable: boolean
}

/** Bounds of the weights, and of how many rows of either kind the classifier learns; the defaults are TRL's. */
export interface DensityRatioOptions {
  readonly least?: number
  readonly most?: number
  readonly rows?: number
  readonly device: Device
}

/**
 * Weights under which the disliked prompts are distributed as the liked ones: p(liked | x)/p(disliked | x), bounded, of a classifier
 * of prompts; 1 for liked rows (BCO's underlying distribution matching, Jung et al. 2024). A prompt is the mean of its final hidden
 * states in a model that does not change. Throws without rows of both kinds.
 */
export async function densityRatios(
  judged: readonly JudgedPrompt[],
  model: { readonly architecture: Architecture; readonly parameters: Parameters },
  { least = 0.5, most = 10, rows = 1024, device }: DensityRatioOptions,
): Promise<number[]> {
  const features = standardised(
    await promptFeatures(
      judged.map(({ prompt }) => prompt),
      { ...model, device },
    ),
  )
  const ofKind = (kind: boolean) =>
    [...judged.keys()].filter((row) => judged[row]!.desirable === kind).slice(0, rows)
  const learnt = [...ofKind(true), ...ofKind(false)]
  const liked = logisticRegression(
    learnt.map((row) => features[row]!),
    learnt.map((row) => judged[row]!.desirable),
  )
  return judged.map(({ desirable }, row) => {
    if (desirable) return 1
    const p = liked(features[row]!)
    return Math.min(Math.max(p / (1 - p), least), most)
  })
}

interface Embedder {
  readonly architecture: Architecture
  readonly parameters: Parameters
  readonly device: Device
}

/** The mean final hidden state of every prompt [d]; equal prompts are read once. */
async function promptFeatures(
  prompts: readonly (readonly number[])[],
  { architecture, parameters, device }: Embedder,
): Promise<Float32Array[]> {
  const program = value<[Parameters, { tokens: NdArray; real: NdArray }], Tensor>(
    (weights, { tokens, real }) => {
      const mask = real.cast('float32').expandDims(2)
      const { hidden } = architecture.trunk(weights, { tokens })
      return hidden
        .mul(mask)
        .sum({ axes: 1 })
        .div(mask.sum({ axes: 1 }))
    },
    { device },
  )
  const distinct = new Map(prompts.map((prompt) => [prompt.join(), prompt]))
  const found = new Map<string, Float32Array>()
  for (const part of chunksByLength([...distinct], { size: 32, length: ([, prompt]) => prompt.length })) {
    const { data } = await program(parameters, padded(part.map(([, prompt]) => prompt)))
    const { width } = architecture
    for (const [i, [key]] of part.entries())
      found.set(key, (data as Float32Array).slice(i * width, (i + 1) * width))
  }
  await program.dispose()
  return prompts.map((prompt) => found.get(prompt.join())!)
}

/** Prompts as arrays [B, T], T a multiple of 16. */
function padded(prompts: readonly (readonly number[])[]): { tokens: NdArray; real: NdArray } {
  const time = Math.ceil(Math.max(...prompts.map(({ length }) => length)) / 16) * 16
  const tokens = new Int32Array(prompts.length * time)
  const real = new Uint8Array(tokens.length)
  for (const [row, prompt] of prompts.entries()) {
    tokens.set(prompt, row * time)
    real.fill(1, row * time, row * time + prompt.length)
  }
  const shape = [prompts.length, time]
  return { tokens: intArray(tokens, shape), real: boolArray(real, shape) }
}

/** Every feature with mean 0 and deviation 1 over the rows; one that does not vary is 0. */
function standardised(rows: readonly Float32Array[]): Float64Array[] {
  const width = rows[0]!.length
  const scaled = rows.map(() => new Float64Array(width))
  for (let i = 0; i < width; i++) {
    const mean = rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length
    const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0) / rows.length)
    for (const [j, row] of rows.entries())
      scaled[j]![i] = deviation > 1e-12 ? (row[i]! - mean) / deviation : 0
  }
  return scaled
}
