import { attention, constant, ndarray, type Tensor } from '@attune/grad'
import type { LlamaConfig } from '../checkpoint/config.ts'
import type { Architecture, LayerCache, TrunkInput } from './architecture.ts'
import { attentionBias, mergeHeads, pastOf, positionsOf, splitHeads } from './heads.ts'

type Parameters = Readonly<Record<string, Tensor>>

/** Llama (Touvron et al. 2023): RMS norm, rotary positions, gated SiLU, grouped queries; weights stored [out, in]. */
export function llama(config: LlamaConfig): Architecture {
  const {
    hidden_size: width,
    num_attention_heads: heads,
    num_hidden_layers: layers,
    vocab_size: vocabularySize,
  } = config
  const headWidth = config.head_dim ?? width / heads
  const keyHeads = config.num_key_value_heads ?? heads
  const blocks = Array.from({ length: layers }, (_, i) => `model.layers.${i}`)
  const tables = rotaryTables({
    width: headWidth,
    length: config.max_position_embeddings,
    base: config.rope_theta ?? 10000,
  })

  const norm = (x: Tensor, parameters: Parameters, name: string) =>
    x.rmsNorm(parameters[`${name}.weight`]!, config.rms_norm_eps)
  const project = (x: Tensor, parameters: Parameters, name: string) =>
    x.linear(parameters[`${name}.weight`]!, { bias: parameters[`${name}.bias`], transposeB: true })

  const trunk = (parameters: Parameters, input: TrunkInput) => {
    const bias = attentionBias(input)
    const positions = positionsOf(input)
    const past = pastOf(input)
    let x = parameters['model.embed_tokens.weight']!.gather(input.tokens)
    const cache: LayerCache[] = []
    for (const [index, prefix] of blocks.entries()) {
      const normal = norm(x, parameters, `${prefix}.input_layernorm`)
      const headsOf = (name: string, count: number) =>
        splitHeads(project(normal, parameters, `${prefix}.self_attn.${name}`), count)
      const queries = headsOf('q_proj', heads).rotary(positions, tables)
      const keys = headsOf('k_proj', keyHeads).rotary(positions, tables)
      const values = headsOf('v_proj', keyHeads)
      cache.push({ keys, values })
      const mixed = mergeHeads(attention({ queries, keys, values, bias, past: past(index) }))
      x = x.add(project(mixed, parameters, `${prefix}.self_attn.o_proj`))
      const inner = norm(x, parameters, `${prefix}.post_attention_layernorm`)
      const gate = project(inner, parameters, `${prefix}.mlp.gate_proj`).silu()
      x = x.add(
        project(
          gate.mul(project(inner, parameters, `${prefix}.mlp.up_proj`)),
          parameters,
          `${prefix}.mlp.down_proj`,
        ),
      )
    }
    return { hidden: norm(x, parameters, 'model.norm'), layers: cache }
  }

  return {
    parameters: parameterTable(config, { blocks, headWidth, keyHeads }),
    vocabularySize,
    contextLength: config.max_position_embeddings,
    width,
    cache: { layers, heads: keyHeads, width: headWidth },
    outputEmbedding: config.tie_word_embeddings ? 'model.embed_tokens.weight' : 'lm_head.weight',
    trunk,
  }
}

interface Geometry {
  readonly blocks: readonly string[]
  readonly headWidth: number
  readonly keyHeads: number
}

/** Shape and start of every parameter; residual projections start smaller, as in GPT-2. */
function parameterTable(
  config: LlamaConfig,
  { blocks, headWidth, keyHeads }: Geometry,
): Architecture['parameters'] {
  const { hidden_size: width, num_attention_heads: heads, vocab_size: vocabularySize } = config
  const deviation = config.initializer_range ?? 0.02
  const matrix = (...shape: number[]) => ({ shape, start: { deviation } })
  const residual = (...shape: number[]) => ({
    shape,
    start: { deviation: deviation / Math.sqrt(2 * blocks.length) },
  })
  const scale = { shape: [width], start: { fill: 1 } }
  const bias = (present: boolean | undefined, name: string, length: number) =>
    present ? { [name]: { shape: [length], start: { fill: 0 } } } : {}

  const blockParameters = (prefix: string) => ({
    [`${prefix}.input_layernorm.weight`]: scale,
    [`${prefix}.self_attn.q_proj.weight`]: matrix(heads * headWidth, width),
    [`${prefix}.self_attn.k_proj.weight`]: matrix(keyHeads * headWidth, width),
    [`${prefix}.self_attn.v_proj.weight`]: matrix(keyHeads * headWidth, width),
    [`${prefix}.self_attn.o_proj.weight`]: residual(width, heads * headWidth),
    ...bias(config.attention_bias, `${prefix}.self_attn.q_proj.bias`, heads * headWidth),
    ...bias(config.attention_bias, `${prefix}.self_attn.k_proj.bias`, keyHeads * headWidth),
    ...bias(config.attention_bias, `${prefix}.self_attn.v_proj.bias`, keyHeads * headWidth),
    ...bias(config.attention_bias, `${prefix}.self_attn.o_proj.bias`, width),
    [`${prefix}.post_attention_layernorm.weight`]: scale,
    [`${prefix}.mlp.gate_proj.weight`]: matrix(config.intermediate_size, width),
    [`${prefix}.mlp.up_proj.weight`]: matrix(config.intermediate_size, width),
    [`${prefix}.mlp.down_proj.weight`]: residual(width, config.intermediate_size),
    ...bias(config.mlp_bias, `${prefix}.mlp.gate_proj.bias`, config.intermediate_size),
    ...bias(config.mlp_bias, `${prefix}.mlp.up_proj.bias`, config.intermediate_size),
    ...bias(config.mlp_bias, `${prefix}.mlp.down_proj.bias`, width),
  })
  return {
    'model.embed_tokens.weight': matrix(vocabularySize, width),
    ...Object.assign({}, ...blocks.map(blockParameters)),
    'model.norm.weight': scale,
    ...(config.tie_word_embeddings ? {} : { 'lm_head.weight': matrix(vocabularySize, width) }),
  }
}

/** cos and sin of position·base^(−2i/D): [M, D/2] each. */
function rotaryTables({ width, length, base }: { width: number; length: number; base: number }): {
  cos: Tensor
  sin: Tensor
} {
  const half = width / 2
  const angles = Float64Array.from(
    { length: length * half },
    (_, i) => Math.floor(i / half) * base ** (-(i % half) / half),
  )
  const table = (f: (angle: number) => number) =>
    constant(ndarray(Float32Array.from(angles, f), [length, half]))
  return { cos: table(Math.cos), sin: table(Math.sin) }
}
