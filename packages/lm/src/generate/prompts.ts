import { boolArray, intArray, type NdArray } from '@attune/grad'
import type { Architecture } from '../models/architecture.ts'
import type { GenerateOptions } from './options.ts'

/** Prompts padded on the left, all [B, T], and how many tokens their cache must hold. */
export interface PaddedPrompts {
  readonly tokens: NdArray
  readonly positions: NdArray
  /** Which tokens are real. */
  readonly mask: NdArray
  readonly capacity: number
}

/** The prompts without repetitions, and which of them each row has. */
export function distinctPrompts(prompts: readonly (readonly number[])[]): {
  distinct: (readonly number[])[]
  sources: number[]
} {
  const known = new Map<string, number>()
  const distinct: (readonly number[])[] = []
  const sources = prompts.map((prompt) => {
    const key = prompt.join()
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, distinct.length)
    return distinct.push(prompt) - 1
  })
  return { distinct, sources }
}

/** Capacities and prompt lengths are rounded up, so that few programs are compiled. */
const bucket = 16

export function padLeft(
  prompts: readonly (readonly number[])[],
  { maxNewTokens }: GenerateOptions,
): PaddedPrompts {
  const longest = Math.max(...prompts.map((prompt) => prompt.length))
  const time = Math.ceil(longest / bucket) * bucket
  const shape = [prompts.length, time]
  const tokens = new Int32Array(prompts.length * time)
  const positions = new Int32Array(tokens.length)
  const mask = new Uint8Array(tokens.length)
  prompts.forEach((prompt, row) => {
    const start = row * time + time - prompt.length
    tokens.set(prompt, start)
    positions.set(
      prompt.map((_, i) => i),
      start,
    )
    mask.fill(1, start, (row + 1) * time)
  })
  const capacity = Math.ceil((time + maxNewTokens) / bucket) * bucket
  return {
    tokens: intArray(tokens, shape),
    positions: intArray(positions, shape),
    mask: boolArray(mask, shape),
    capacity,
  }
}

export function checkPrompts(
  prompts: readonly (readonly number[])[],
  { maxNewTokens }: GenerateOptions,
  { contextLength, vocabularySize }: Architecture,
): void {
  if (prompts.length === 0) throw new RangeError('there is no prompt to complete')
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1)
    throw new RangeError(`maxNewTokens is ${maxNewTokens}, expected 1 or more`)
  prompts.forEach((prompt, row) => {
    if (prompt.length === 0)
      throw new RangeError(`prompt ${row} has no token: give it at least a beginning-of-text token`)
    if (prompt.length + maxNewTokens > contextLength) {
      throw new RangeError(
        `prompt ${row} has ${prompt.length} tokens and ${maxNewTokens} new ones do not fit the context of ${contextLength}: shorten the prompt or ask for at most ${contextLength - prompt.length}`,
      )
    }
    const outside = prompt.find((token) => !(token >= 0 && token < vocabularySize))
    if (outside !== undefined) {
      throw new RangeError(
        `prompt ${row} has token ${outside}, but the model's vocabulary has ${vocabularySize}`,
      )
    }
  })
}
