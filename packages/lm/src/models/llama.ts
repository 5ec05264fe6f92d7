import type { Tensor } from '@attune/grad'
import { attention } from '@attune/grad'
import type { LlamaConfig } from '../checkpoint/config.ts'
import { rotarySettings } from '../checkpoint/rotary-fields.ts'
import { type Architecture, type LayerCache, type TrunkInput, unembeddingOf } from './architecture.ts'
import { atPlaces, attentionBias, mergeHeads, pastOf, positionsOf, splitHeads } from './heads.ts'
import { project } from './projection.ts'
import { rotaryTablesFor } from './rotary.ts'

type Parameters = Readonly<Record<string, Tensor>>

/**
 * Llama (Touvron et al. 2023): RMS norm, rotary positions, gated units, grouped queries; weights stored [out, in].
 * Mistral, Qwen2, Qwen3 and Gemma are the same with other biases, norms and activation.
 */
export function llama(config: LlamaConfig): Architecture {
  const { num_attention_heads: heads, num_hidden_layers: layers } = config
  const { headWidth, keyHeads, blocks } = geometryOf(config)
  const style = styleOf(config)
  const contextLength = Math.min(config.max_position_embeddings, config.sliding_window ?? Infinity)
  const tablesFor = rotaryTablesFor(rotarySettings(config, 'config.json'), {
    width: headWidth,
    length: contextLength,
  })

  const norm = (x: Tensor, parameters: Parameters, name: string) => {
    const scale = parameters[`${name}.weight`]!
    return x.rmsNorm(style.scaleFromOne ? scale.add(1) : scale, config.rms_norm_eps)
  }
  const linear = (x: Tensor, parameters: Parameters, layer: string) =>
    project(x, parameters, { layer, transposeB: true })

  const trunk = (parameters: Parameters, input: TrunkInput) => {
    const bias = attentionBias(input)
    const positions = positionsOf(input)
    const tables = tablesFor(input.tokens.shape[1]!)
    const past = pastOf(input)
    const embedded = parameters['model.embed_tokens.weight']!.gather(input.tokens)
    let x = style.scaledEmbedding ? embedded.mul(Math.sqrt(config.hidden_size)) : embedded
    const cache: LayerCache[] = []
    for (const [index, prefix] of blocks.entries()) {
      const normal = norm(x, parameters, `${prefix}.input_layernorm`)
      const headsOf = (name: string, count: number) =>
        splitHeads(linear(normal, parameters, `${prefix}.self_attn.${name}_proj`), count)
      const turned = (name: string, count: number) => {
        const rows = headsOf(name, count)
        const scaled = style.normedQueries ? norm(rows, parameters, `${prefix}.self_attn.${name}_norm`) : rows
        return scaled.rotary(positions, tables)
      }
      const queries = turned('q', heads)
      const keys = turned('k', keyHeads)
      const values = headsOf('v', keyHeads)
      cache.push({ keys, values })
      let mixed = mergeHeads(attention({ queries, keys, values, bias, past: past(index) }))
      if (index === layers - 1) [x, mixed] = [atPlaces(x, input), atPlaces(mixed, input)]
      x = x.add(linear(mixed, parameters, `${prefix}.self_attn.o_proj`))
      const inner = norm(x, parameters, `${prefix}.post_attention_layernorm`)
      const gate = style.activation(linear(inner, parameters, `${prefix}.mlp.gate_proj`))
      const up = linear(inner, parameters, `${prefix}.mlp.up_proj`)
      x = x.add(linear(gate.mul(up), parameters, `${prefix}.mlp.down_proj`))
    }
    return { hidden: norm(x, parameters, 'model.norm'), layers: cache }
  }

  return {
    parameters: parameterTable(config),
    vocabularySize: config.vocab_size,
    contextLength,
    width: config.hidden_size,
    cache: { layers, heads: keyHeads, width: headWidth },
    ...unembeddingOf(config.tie_word_embeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'),
    trunk,
  }
}

function geometryOf(config: LlamaConfig) {
  const heads = config.num_attention_heads
  return {
    headWidth: config.head_dim ?? config.hidden_size / heads,
    keyHeads: config.num_key_value_heads,
    blocks: Array.from({ length: config.num_hidden_layers }, (_, i) => `model.layers.${i}`),
  }
}

/** What sets a family apart from Llama. */
function styleOf({ model_type: family, attention_bias: bias, mlp_bias: innerBias }: LlamaConfig) {
  const gemma = family === 'gemma'
  return {
    queryBias: bias || family === 'qwen2',
    outputBias: bias,
    innerBias,
    /** RMS norm of every head's queries and keys (Qwen3). */
    normedQueries: family === 'qwen3',
    /** Scales are stored as their difference from 1 (Gemma). */
    scaleFromOne: gemma,
    scaledEmbedding: gemma,
    activation: (x: Tensor) => (gemma ? x.gelu('tanh') : x.silu()),
  }
}

/** Shape and start of every parameter; residual projections start smaller, as in GPT-2. */
function parameterTable(config: LlamaConfig): Architecture['parameters'] {
  const { hidden_size: width, num_attention_heads: heads, vocab_size: vocabularySize } = config
  const { headWidth, keyHeads, blocks } = geometryOf(config)
  const style = styleOf(config)
  const deviation = config.initializer_range ?? 0.02
  const matrix = (...shape: number[]) => ({ shape, start: { deviation } })
  const residual = (...shape: number[]) => ({
    shape,
    start: { deviation: deviation / Math.sqrt(2 * blocks.length) },
  })
  const scale = (length: number) => ({ shape: [length], start: { fill: style.scaleFromOne ? 0 : 1 } })
  const bias = (present: boolean, name: string, length: number) =>
    present ? { [`${name}.bias`]: { shape: [length], start: { fill: 0 } } } : {}

  const blockParameters = (prefix: string) => {
    const [attend, inner] = [`${prefix}.self_attn`, `${prefix}.mlp`]
    return {
      [`${prefix}.input_layernorm.weight`]: scale(width),
      [`${attend}.q_proj.weight`]: matrix(heads * headWidth, width),
      [`${attend}.k_proj.weight`]: matrix(keyHeads * headWidth, width),
      [`${attend}.v_proj.weight`]: matrix(keyHeads * headWidth, width),
      [`${attend}.o_proj.weight`]: residual(width, heads * headWidth),
      ...bias(style.queryBias, `${attend}.q_proj`, heads * headWidth),
      ...bias(style.queryBias, `${attend}.k_proj`, keyHeads * headWidth),
      ...bias(style.queryBias, `${attend}.v_proj`, keyHeads * headWidth),
      ...bias(style.outputBias, `${attend}.o_proj`, width),
      ...(style.normedQueries
        ? { [`${attend}.q_norm.weight`]: scale(headWidth), [`${attend}.k_norm.weight`]: scale(headWidth) }
        : {}),
      [`${prefix}.post_attention_layernorm.weight`]: scale(width),
      [`${inner}.gate_proj.weight`]: matrix(config.intermediate_size, width),
      [`${inner}.up_proj.weight`]: matrix(config.intermediate_size, width),
      [`${inner}.down_proj.weight`]: residual(width, config.intermediate_size),
      ...bias(style.innerBias, `${inner}.gate_proj`, config.intermediate_size),
      ...bias(style.innerBias, `${inner}.up_proj`, config.intermediate_size),
      ...bias(style.innerBias, `${inner}.down_proj`, width),
    }
  }
  return {
    'model.embed_tokens.weight': matrix(vocabularySize, width),
    ...Object.assign({}, ...blocks.map(blockParameters)),
    'model.norm.weight': scale(width),
    ...(config.tie_word_embeddings ? {} : { 'lm_head.weight': matrix(vocabularySize, width) }),
  }
}
