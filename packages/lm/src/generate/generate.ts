import {
  boolArray,
  type Concrete,
  cpu,
  type Device,
  freeze,
  hold,
  intArray,
  type NdArray,
  type Parameters,
  randomKey,
  type Tensor,
  value,
} from '@attune/grad'
import { type Architecture, type LayerCache, logits, type TrunkOutput } from '../models/architecture.ts'
import { type KeyValueCache, keyValueCache } from './cache.ts'
import { drawToken, likeliestTokens } from './sample.ts'

/** What to generate. */
export interface GenerateOptions {
  readonly maxNewTokens: number
  readonly minNewTokens?: number
  /** 0 is greedy; default 1. */
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  readonly endOfText?: number | undefined
  /** Ends a completion when its tokens so far satisfy it (stop strings are tested on decoded text). */
  readonly stop?: (tokens: readonly number[]) => boolean
  readonly seed?: number
  /** How many of the likeliest tokens of each place are told of; default 0. */
  readonly topLogprobs?: number
}

/** A token with its log-probability under the whole distribution at the temperature. */
export interface TokenLogprob {
  readonly token: number
  readonly logprob: number
}

/** A token that a row has just drawn. */
export interface DrawnToken extends TokenLogprob {
  readonly row: number
  /** The likeliest tokens of this place, the likeliest first, `topLogprobs` of them. */
  readonly top: readonly TokenLogprob[]
  /** Set with a row's last token. */
  readonly finishReason: Completion['finishReason'] | undefined
}

/** A generated completion; log-probabilities and entropies are those of the whole distribution at the temperature (1 when greedy). */
export interface Completion {
  readonly tokens: readonly number[]
  readonly logprobs: readonly number[]
  readonly entropies: readonly number[]
  /** 'stop': ended with the end-of-text token (which is the last token) or a stop string; 'length': cut. */
  readonly finishReason: 'stop' | 'length'
}

/** A model ready to decode: its weights are constants of the compiled programs. */
export interface Generator {
  readonly generate: (
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ) => Promise<Completion[]>
  /** Generates step by step: yields the tokens that the unfinished rows draw, returns the completions; may be left early. */
  readonly stream: (
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ) => AsyncGenerator<readonly DrawnToken[], Completion[]>
  readonly dispose: () => Promise<void>
}

/** What a step computes: probabilities [B, V] and their entropy [B] at the temperature, new keys and values. */
interface Step {
  readonly probabilities: Tensor
  readonly entropy: Tensor
  readonly layers: readonly LayerCache[]
}

interface StepInput {
  readonly tokens: NdArray
  readonly positions: NdArray
  readonly mask: NdArray
}

/** How a generator reads its weights: packed into its programs (faster a token) or held, as they lie in memory. */
export interface GeneratorOptions {
  readonly device?: Device
  /** Packed weights are those of the moment; held ones may change between calls. Default: packed up to 256 MB. */
  readonly weights?: 'packed' | 'held'
}

/** Packing a large model takes longer than it saves in a few hundred tokens, and doubles its memory. */
const mostPacked = 2 ** 28

/** Whether a model's weights are packed unless the caller says otherwise; an adapter's base is always held. */
export function weightsOf({
  architecture,
  parameters,
}: {
  architecture: Architecture
  parameters: Parameters
}): 'packed' | 'held' {
  const bytes = Object.values(parameters).reduce((total, { data }) => total + data.byteLength, 0)
  return bytes > mostPacked || !parameters[architecture.outputEmbedding] ? 'held' : 'packed'
}

/** Compiles a model for decoding. */
export function generator(
  architecture: Architecture,
  parameters: Parameters,
  { device = cpu(), weights = weightsOf({ architecture, parameters }) }: GeneratorOptions = {},
): Generator {
  const frozen = weights === 'held' ? hold(parameters) : freeze(parameters)
  const step = ({ hidden, layers }: TrunkOutput, temperature: Tensor): Step => {
    const scores = logits(architecture, frozen, hidden.slice(1, -1)).squeeze(1).div(temperature)
    const logp = scores.logSoftmax(-1)
    const probabilities = logp.exp()
    return { probabilities, entropy: probabilities.mul(logp).sum({ axes: 1 }).neg(), layers }
  }
  const prefill = value<[StepInput, number], Step>(
    (input, temperature) => step(architecture.trunk(frozen, input), temperature),
    { device },
  )
  const decode = value<[Omit<StepInput, 'mask'>, Pick<KeyValueCache, 'layers' | 'mask'>, number], Step>(
    (input, past, temperature) => step(architecture.trunk(frozen, { ...input, past }), temperature),
    { device },
  )

  async function* stream(
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ): AsyncGenerator<readonly DrawnToken[], Completion[]> {
    checkPrompts(prompts, options, architecture)
    const batch = prompts.length
    const { distinct, sources } = distinctPrompts(prompts) // each is read once, however often it is asked
    const { capacity, ...padded } = padLeft(distinct, options)
    const rows = prompts.map((_, row) => newRow(options, row))
    const { layers, mask, append } = keyValueCache(architecture.cache, { batch, capacity })
    const temperature = options.temperature || 1
    let scores = await prefill(padded, temperature)
    append(scores.layers, padded.mask.data as Uint8Array, sources)
    for (let position = 0; ; position++) {
      const drawn = drawRows(scores, rows, { ...options, ...(position === 0 ? { sources } : {}) })
      yield drawn
      if (rows.every((row) => row.finishReason !== undefined)) break
      const next = rows.map(() => 0) // finished rows repeat a token that nobody reads
      for (const { row, token } of drawn) next[row] = token
      const positions = prompts.map((prompt) => prompt.length + position)
      scores = await decode(
        { tokens: intArray(next, [batch, 1]), positions: intArray(positions, [batch, 1]) },
        { layers, mask },
        temperature,
      )
      append(scores.layers, new Uint8Array(batch).fill(1))
    }
    return rows.map(({ tokens, logprobs, entropies, finishReason }) => ({
      tokens,
      logprobs,
      entropies,
      finishReason: finishReason!,
    }))
  }
  const generate: Generator['generate'] = async (prompts, options) => {
    const steps = stream(prompts, options)
    for (;;) {
      const { done, value } = await steps.next()
      if (done) return value
    }
  }
  const dispose = async () => {
    await prefill.dispose()
    await decode.dispose()
  }
  return { generate, stream, dispose }
}

interface Row {
  readonly tokens: number[]
  readonly logprobs: number[]
  readonly entropies: number[]
  readonly random: ReturnType<typeof randomKey>
  finishReason: Completion['finishReason'] | undefined
}

function newRow({ seed = 0 }: GenerateOptions, row: number): Row {
  return {
    tokens: [],
    logprobs: [],
    entropies: [],
    random: randomKey(seed, 'sample', row),
    finishReason: undefined,
  }
}

/** Draws one token for every unfinished row, from the scores of its own row or of row `sources[row]`. */
function drawRows(
  { probabilities, entropy }: Pick<Concrete<Step>, 'probabilities' | 'entropy'>,
  rows: readonly Row[],
  options: GenerateOptions & { readonly sources?: readonly number[] },
): DrawnToken[] {
  const vocabulary = probabilities.shape[1]!
  const {
    temperature,
    topK,
    topP,
    endOfText,
    minNewTokens = 0,
    maxNewTokens,
    stop,
    topLogprobs = 0,
    sources,
  } = options
  return rows.flatMap((row, index) => {
    if (row.finishReason !== undefined) return []
    const source = sources ? sources[index]! : index
    const start = source * vocabulary
    const distribution = (probabilities.data as Float32Array).subarray(start, start + vocabulary)
    const forbidden = row.tokens.length < minNewTokens ? endOfText : undefined
    const token = drawToken(distribution, { greedy: temperature === 0, topK, topP, forbidden }, row.random)
    const logprob = Math.log(distribution[token]!)
    row.tokens.push(token)
    row.logprobs.push(logprob)
    row.entropies.push(entropy.data[source]!)
    if (token === endOfText || stop?.(row.tokens)) row.finishReason = 'stop'
    else if (row.tokens.length >= maxNewTokens) row.finishReason = 'length'
    const top = likeliestTokens(distribution, topLogprobs)
    return [{ row: index, token, logprob, top, finishReason: row.finishReason }]
  })
}

/** The prompts without repetitions, and which of them each row has. */
function distinctPrompts(prompts: readonly (readonly number[])[]): {
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

function padLeft(
  prompts: readonly (readonly number[])[],
  { maxNewTokens }: GenerateOptions,
): StepInput & { capacity: number } {
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

function checkPrompts(
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
