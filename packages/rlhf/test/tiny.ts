import { adamw, ndarray, type Parameters, randomKey } from '@attune/grad'
import { architectureOf, initialise, parseConfig } from '@attune/lm'

const config = parseConfig(
  {
    model_type: 'llama',
    vocab_size: 12,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 32,
    initializer_range: 0.2,
    tie_word_embeddings: true,
  },
  'tiny',
)

/** A tiny model to train, with a scalar head of the given name. */
export function tinyTrainable({ learningRate = 0.01, head }: { learningRate?: number; head?: string } = {}) {
  const architecture = architectureOf(config)
  const parameters: Parameters = initialise(architecture, (name) => randomKey(1, name))
  if (head) {
    parameters[`${head}.weight`] = ndarray(new Float32Array(16), [1, 16])
    parameters[`${head}.bias`] = ndarray(new Float32Array(1), [1])
  }
  return { architecture, parameters, optimizer: adamw({ learningRate, maxGradientNorm: 1 }) }
}

/** A copy of parameters that training does not touch. */
export function copyParameters(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
  )
}

/** The last `count` records of a trainer, or all. */
export async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const record of records) all.push(record)
  return all
}

/** Largest difference of two sets of parameters. */
export function largestDifference(a: Parameters, b: Parameters): number {
  return Math.max(
    ...Object.keys(a).flatMap((name) => [...a[name]!.data].map((x, i) => Math.abs(x - b[name]!.data[i]!))),
  )
}
