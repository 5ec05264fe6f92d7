import { type Concrete, type NdArray, randomKey, type Tensor } from '@attune/grad'
import { type Completion, type DrawnToken, endsOf, type GenerateOptions } from './options.ts'
import { drawToken, likeliestTokens, without } from './sample.ts'

/** A completion as far as it has come, with its own random numbers. */
export interface Row {
  readonly tokens: number[]
  readonly logprobs: number[]
  readonly entropies: number[]
  readonly random: ReturnType<typeof randomKey>
  finishReason: Completion['finishReason'] | undefined
}

/** What the next tokens are drawn from: probabilities [P, V], their entropy [P], and their logarithms where the end is forbidden. */
export interface Scores {
  readonly probabilities: Tensor
  readonly entropy: Tensor
  readonly logprobs?: Tensor
}

/** Whether no row may end at this place. */
export function isEndForbidden(options: GenerateOptions, position: number): boolean {
  return endsOf(options).length > 0 && position < (options.minNewTokens ?? 0)
}

/** An empty completion of row `row`. */
export function newRow({ seed = 0 }: GenerateOptions, row: number): Row {
  return {
    tokens: [],
    logprobs: [],
    entropies: [],
    random: randomKey(seed, 'sample', row),
    finishReason: undefined,
  }
}

/** The completion of a row that has ended. */
export function completionOf({ tokens, logprobs, entropies, finishReason }: Row): Completion {
  return { tokens, logprobs, entropies, finishReason: finishReason! }
}

/** Draws one token for every unfinished row; the scores of row r lie at `placeOf(r)`. */
export function drawRows(
  { probabilities, entropy, logprobs }: Concrete<Scores>,
  rows: readonly Row[],
  { placeOf, ...options }: GenerateOptions & { readonly placeOf: (row: number) => number },
): DrawnToken[] {
  const vocabulary = probabilities.shape[1]!
  const { temperature, topK, topP, maxNewTokens, stop } = options
  const ends = endsOf(options)
  return rows.flatMap((row, index) => {
    if (row.finishReason !== undefined) return []
    const place = placeOf(index)
    const start = place * vocabulary
    const at = ({ data }: NdArray) => (data as Float32Array).subarray(start, start + vocabulary)
    const distribution = at(probabilities)
    const drawable = logprobs ? without(ends, at(logprobs)) : distribution
    const token = drawToken(drawable, { greedy: temperature === 0, topK, topP }, row.random)
    const logprob = logprobs ? at(logprobs)[token]! : Math.log(distribution[token]!)
    row.tokens.push(token)
    row.logprobs.push(logprob)
    row.entropies.push(entropy.data[place]!)
    if (ends.includes(token) || stop?.(row.tokens)) row.finishReason = 'stop'
    else if (row.tokens.length >= maxNewTokens) row.finishReason = 'length'
    const top = likeliestTokens(distribution, options.topLogprobs ?? 0)
    return [{ row: index, token, logprob, top, finishReason: row.finishReason }]
  })
}
