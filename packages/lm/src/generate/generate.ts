import {
  constant,
  cpu,
  type Device,
  freeze,
  hold,
  intArray,
  type NdArray,
  type Parameters,
  type Tensor,
  value,
} from '@attune/grad'
import { type Architecture, type LayerCache, logits, type TrunkOutput } from '../models/architecture.ts'
import { type KeyValueCache, keyValueCache } from './cache.ts'
import type { Completion, DrawnToken, GenerateOptions } from './options.ts'
import { checkPrompts, distinctPrompts, type PaddedPrompts, padLeft } from './prompts.ts'
import { completionOf, drawRows, isEndForbidden, newRow, type Scores } from './rows.ts'

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

/** What a step computes: what the next tokens are drawn from, and the new keys and values. */
interface Step extends Scores {
  readonly layers: readonly LayerCache[]
}

type StepInput = Omit<PaddedPrompts, 'capacity'>

/** How a generator reads its weights: packed into its programs (faster a token) or held, as they lie in memory. */
export interface GeneratorOptions {
  readonly device?: Device
  /** Packed weights are those of the moment; held ones may change between calls. Default: packed up to 256 MB. */
  readonly weights?: 'packed' | 'held'
  /** What the programs of prompts, and those of further tokens, may each keep: `CompileOptions.memory`. */
  readonly memory?: number | undefined
}

/** Packing a large model takes longer than it saves in a few hundred tokens, and doubles its memory. */
const mostPacked = 2 ** 28

/** Whether a model's weights are packed unless the caller says otherwise; an adapter's are held, its base packed if it is small. */
export function weightsOf({
  architecture,
  parameters,
}: {
  architecture: Architecture
  parameters: Parameters
}): 'packed' | 'held' {
  return isSmall(parameters) && parameters[architecture.outputEmbedding] ? 'packed' : 'held'
}

function isSmall(parameters: Parameters): boolean {
  return Object.values(parameters).reduce((total, { data }) => total + data.byteLength, 0) <= mostPacked
}

/** Parameters as programs read them, and an adapter's small base packed. */
function asRead(
  { frozen = {} }: Architecture,
  parameters: Parameters,
  weights: 'packed' | 'held',
): Record<string, Tensor> {
  return {
    ...(isSmall(frozen) ? freeze(frozen) : {}),
    ...(weights === 'held' ? hold(parameters) : freeze(parameters)),
  }
}

/** The last place of every row of [B, T], as row·T + place. */
function lastPlaces([rows, time]: readonly [number, number]): NdArray {
  return intArray(
    Int32Array.from({ length: rows }, (_, row) => row * time + time - 1),
    [rows],
  )
}

/** Compiles a model for decoding. */
export function generator(
  architecture: Architecture,
  parameters: Parameters,
  { device = cpu(), weights = weightsOf({ architecture, parameters }), memory }: GeneratorOptions = {},
): Generator {
  const read = asRead(architecture, parameters, weights)
  const step = ({ hidden, layers }: TrunkOutput, temperature: Tensor, forbidden: boolean): Step => {
    const scores = logits(architecture, read, hidden.reshape([-1, architecture.width])).div(temperature)
    const logp = scores.logSoftmax(-1)
    const probabilities = logp.exp()
    const entropy = probabilities.mul(logp).sum({ axes: 1 }).neg()
    return { probabilities, entropy, layers, ...(forbidden ? { logprobs: logp } : {}) }
  }
  const prefill = value<[StepInput, number, boolean], Step>(
    (input, temperature, forbidden) => {
      const places = constant(lastPlaces(input.tokens.shape as [number, number]))
      return step(architecture.trunk(read, { ...input, places }), temperature, forbidden)
    },
    { device, memory },
  )
  const decode = value<
    [Omit<StepInput, 'mask'>, Pick<KeyValueCache, 'layers' | 'mask'>, number, boolean],
    Step
  >(
    (input, past, temperature, forbidden) =>
      step(architecture.trunk(read, { ...input, past }), temperature, forbidden),
    { device, memory },
  )

  async function* stream(
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ): AsyncGenerator<readonly DrawnToken[], Completion[]> {
    checkPrompts(prompts, options, architecture)
    const { distinct, sources } = distinctPrompts(prompts) // each is read once, however often it is asked
    const { capacity, ...padded } = padLeft(distinct, options)
    const rows = prompts.map((_, row) => newRow(options, row))
    const temperature = options.temperature || 1
    let cache = keyValueCache(architecture.cache, { batch: rows.length, capacity })
    let places = [...rows.keys()] // the row that each place of the cache is of
    let scores = await prefill(padded, temperature, isEndForbidden(options, 0))
    cache.append(scores.layers, padded.mask.data as Uint8Array, sources)
    let placeOf = (row: number) => sources[row]!
    for (let position = 0; ; position++) {
      yield drawRows(scores, rows, { ...options, placeOf })
      const going = places.filter((row) => rows[row]!.finishReason === undefined)
      if (going.length === 0) break
      if (weights === 'held' && going.length <= places.length / 2) {
        cache = cache.kept(going.map((row) => places.indexOf(row)))
        places = going
      }
      const shape = [places.length, 1]
      const next = places.map((row) => rows[row]!.tokens.at(-1)!) // of finished rows too, whom nobody reads
      const positions = places.map((row) => prompts[row]!.length + position)
      const { layers, mask } = cache
      scores = await decode(
        { tokens: intArray(next, shape), positions: intArray(positions, shape) },
        { layers, mask },
        temperature,
        isEndForbidden(options, position + 1),
      )
      cache.append(scores.layers, new Uint8Array(places.length).fill(1))
      placeOf = (row) => places.indexOf(row)
    }
    return rows.map(completionOf)
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
