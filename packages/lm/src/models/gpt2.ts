import { attention, type Tensor } from '@attune/grad'
import type { Gpt2Config } from '../checkpoint/config.ts'
import { type Architecture, type LayerCache, type TrunkInput, unembeddingOf } from './architecture.ts'
import { atPlaces, attentionBias, mergeHeads, pastOf, splitHeads } from './heads.ts'
import { project } from './projection.ts'

type Parameters = Readonly<Record<string, Tensor>>

/** GPT-2 (Radford et al. 2019): learnt positions, pre-norm blocks, weights stored [in, out]. */
export function gpt2(config: Gpt2Config): Architecture {
  const {
    n_embd: width,
    n_layer: layers,
    n_head: heads,
    n_positions: contextLength,
    vocab_size: vocabularySize,
  } = config
  const blocks = Array.from({ length: layers }, (_, i) => `transformer.h.${i}`)

  const norm = (x: Tensor, parameters: Parameters, name: string) =>
    x.layerNorm(parameters[`${name}.weight`]!, {
      bias: parameters[`${name}.bias`]!,
      epsilon: config.layer_norm_epsilon,
    })
  const trunk = (parameters: Parameters, input: TrunkInput) => {
    const time = input.tokens.shape[1]!
    const embeddings = parameters['transformer.wte.weight']!.gather(input.tokens)
    const places = parameters['transformer.wpe.weight']!
    const positions = input.positions ? places.gather(input.positions) : firstPlaces(places, time)
    const bias = attentionBias(input)
    const past = pastOf(input)

    let x = embeddings.add(positions)
    const cache: LayerCache[] = []
    for (const [index, prefix] of blocks.entries()) {
      const rows = project(norm(x, parameters, `${prefix}.ln_1`), parameters, {
        layer: `${prefix}.attn.c_attn`,
      })
      const [queries, keys, values] = rows
        .split([width, width, width], -1)
        .map((part) => splitHeads(part, heads)) as [Tensor, Tensor, Tensor]
      cache.push({ keys, values })
      let mixed = mergeHeads(attention({ queries, keys, values, bias, past: past(index) }))
      if (index === layers - 1) [x, mixed] = [atPlaces(x, input), atPlaces(mixed, input)]
      x = x.add(project(mixed, parameters, { layer: `${prefix}.attn.c_proj` }))
      const activated = activation(
        project(norm(x, parameters, `${prefix}.ln_2`), parameters, { layer: `${prefix}.mlp.c_fc` }),
      )
      x = x.add(project(activated, parameters, { layer: `${prefix}.mlp.c_proj` }))
    }
    return { hidden: norm(x, parameters, 'transformer.ln_f'), layers: cache }
  }

  const activation = (x: Tensor) => x.gelu(config.activation_function === 'gelu' ? 'none' : 'tanh')

  return {
    parameters: parameterTable(config, blocks),
    vocabularySize,
    contextLength,
    width,
    cache: { layers, heads, width: width / heads },
    ...unembeddingOf(config.tie_word_embeddings ? 'transformer.wte.weight' : 'lm_head.weight'),
    trunk,
  }
}

/** Rows are padded on the right to a multiple of 16: by at most so many tokens beyond the last place. */
const mostPadding = 15

/** Embeddings [T, d] of the places from 0, zeros for padding beyond the last. Throws when that is more than padding. */
function firstPlaces(places: Tensor, time: number): Tensor {
  const known = Math.min(time, places.shape[0]!)
  if (time - known > mostPadding)
    throw new RangeError(`rows have ${time} tokens, but the model has ${known} positions (n_positions)`)
  const embeddings = places.slice(0, 0, known)
  return time === known ? embeddings : embeddings.pad([0, 0], [time - known, 0])
}

/** Shape and start of every parameter (Radford et al. 2019). */
function parameterTable(config: Gpt2Config, blocks: readonly string[]): Architecture['parameters'] {
  const { n_embd: width, n_positions: contextLength, vocab_size: vocabularySize } = config
  const inner = config.n_inner ?? 4 * width
  const deviation = config.initializer_range ?? 0.02
  const matrix = (...shape: number[]) => ({ shape, start: { deviation } })
  // residual projections start smaller, by 1/√(2·layers)
  const residual = (...shape: number[]) => ({
    shape,
    start: { deviation: deviation / Math.sqrt(2 * blocks.length) },
  })
  const vector = (length: number, fill: number) => ({ shape: [length], start: { fill } })

  const blockParameters = (prefix: string) => ({
    [`${prefix}.ln_1.weight`]: vector(width, 1),
    [`${prefix}.ln_1.bias`]: vector(width, 0),
    [`${prefix}.attn.c_attn.weight`]: matrix(width, 3 * width),
    [`${prefix}.attn.c_attn.bias`]: vector(3 * width, 0),
    [`${prefix}.attn.c_proj.weight`]: residual(width, width),
    [`${prefix}.attn.c_proj.bias`]: vector(width, 0),
    [`${prefix}.ln_2.weight`]: vector(width, 1),
    [`${prefix}.ln_2.bias`]: vector(width, 0),
    [`${prefix}.mlp.c_fc.weight`]: matrix(width, inner),
    [`${prefix}.mlp.c_fc.bias`]: vector(inner, 0),
    [`${prefix}.mlp.c_proj.weight`]: residual(inner, width),
    [`${prefix}.mlp.c_proj.bias`]: vector(width, 0),
  })
  return {
    'transformer.wte.weight': matrix(vocabularySize, width),
    'transformer.wpe.weight': matrix(contextLength, width),
    ...Object.assign({}, ...blocks.map(blockParameters)),
    'transformer.ln_f.weight': vector(width, 1),
    'transformer.ln_f.bias': vector(width, 0),
    ...(config.tie_word_embeddings ? {} : { 'lm_head.weight': matrix(vocabularySize, width) }),
  }
}
