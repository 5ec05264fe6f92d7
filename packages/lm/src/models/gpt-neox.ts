import { attention, concat, type Tensor } from '@attune/grad'
import type { GptNeoxConfig } from '../checkpoint/config.ts'
import { rotarySettings } from '../checkpoint/rotary-fields.ts'
import { type Architecture, type LayerCache, type TrunkInput, unembeddingOf } from './architecture.ts'
import { atPlaces, attentionBias, mergeHeads, pastOf, positionsOf } from './heads.ts'
import { project } from './projection.ts'
import { type RotaryTables, rotaryTablesFor } from './rotary.ts'

type Parameters = Readonly<Record<string, Tensor>>

/** GPT-NeoX (Black et al. 2022; Pythia): parallel residuals, rotary positions on a part of every head; weights [out, in]. */
export function gptNeox(config: GptNeoxConfig): Architecture {
  const { hidden_size: width, num_attention_heads: heads, num_hidden_layers: layers } = config
  const headWidth = width / heads
  const turnedWidth = Math.floor(headWidth * config.rotary_pct)
  const contextLength = config.max_position_embeddings
  const blocks = Array.from({ length: layers }, (_, i) => `gpt_neox.layers.${i}`)
  const tablesFor = rotaryTablesFor(rotarySettings(config, 'config.json'), {
    width: turnedWidth,
    length: contextLength,
  })

  const norm = (x: Tensor, parameters: Parameters, name: string) =>
    x.layerNorm(parameters[`${name}.weight`]!, {
      bias: parameters[`${name}.bias`]!,
      epsilon: config.layer_norm_eps,
    })
  const linear = (x: Tensor, parameters: Parameters, layer: string) =>
    project(x, parameters, { layer, transposeB: true })
  const turned = (x: Tensor, positions: Tensor, tables: RotaryTables) => {
    const first = x.slice(-1, 0, turnedWidth).rotary(positions, tables)
    return turnedWidth === headWidth ? first : concat([first, x.slice(-1, turnedWidth)], -1)
  }
  const activation = (x: Tensor) => x.gelu(config.hidden_act === 'gelu' ? 'none' : 'tanh')

  const trunk = (parameters: Parameters, input: TrunkInput) => {
    const bias = attentionBias(input)
    const positions = positionsOf(input)
    const tables = tablesFor(input.tokens.shape[1]!)
    const past = pastOf(input)
    let x = parameters['gpt_neox.embed_in.weight']!.gather(input.tokens)
    const cache: LayerCache[] = []
    for (const [index, prefix] of blocks.entries()) {
      const normal = norm(x, parameters, `${prefix}.input_layernorm`)
      const [queries, keys, values] = splitQueryKeyValue(
        linear(normal, parameters, `${prefix}.attention.query_key_value`),
        heads,
      )
      const [q, k] = [turned(queries, positions, tables), turned(keys, positions, tables)]
      cache.push({ keys: k, values })
      let mixed = mergeHeads(attention({ queries: q, keys: k, values, bias, past: past(index) }))
      if (index === layers - 1) [x, mixed] = [atPlaces(x, input), atPlaces(mixed, input)]
      const attended = linear(mixed, parameters, `${prefix}.attention.dense`)
      const read = config.use_parallel_residual ? x : x.add(attended)
      const inner = activation(
        linear(
          norm(read, parameters, `${prefix}.post_attention_layernorm`),
          parameters,
          `${prefix}.mlp.dense_h_to_4h`,
        ),
      )
      x = x.add(attended).add(linear(inner, parameters, `${prefix}.mlp.dense_4h_to_h`))
    }
    return { hidden: norm(x, parameters, 'gpt_neox.final_layer_norm'), layers: cache }
  }

  return {
    parameters: parameterTable(config, blocks),
    vocabularySize: config.vocab_size,
    contextLength,
    width,
    cache: { layers, heads, width: headWidth },
    ...unembeddingOf(config.tie_word_embeddings ? 'gpt_neox.embed_in.weight' : 'embed_out.weight'),
    trunk,
  }
}

/** [B, T, H·3·D] → queries, keys and values [B, H, T, D]: every head's three lie side by side. */
function splitQueryKeyValue(x: Tensor, heads: number): [Tensor, Tensor, Tensor] {
  const [batch, time, width] = x.shape as [number, number, number]
  const rows = x.reshape([batch, time, heads, width / heads]).transpose([0, 2, 1, 3])
  const part = width / heads / 3
  return rows.split([part, part, part], -1) as [Tensor, Tensor, Tensor]
}

/** Shape and start of every parameter. */
function parameterTable(config: GptNeoxConfig, blocks: readonly string[]): Architecture['parameters'] {
  const { hidden_size: width, intermediate_size: inner, vocab_size: vocabularySize } = config
  const matrix = (...shape: number[]) => ({ shape, start: { deviation: config.initializer_range ?? 0.02 } })
  const vector = (length: number, fill: number) => ({ shape: [length], start: { fill } })
  const norm = (name: string) => ({
    [`${name}.weight`]: vector(width, 1),
    [`${name}.bias`]: vector(width, 0),
  })
  const layer = (name: string, [out, from]: [number, number], bias = true) => ({
    [`${name}.weight`]: matrix(out, from),
    ...(bias ? { [`${name}.bias`]: vector(out, 0) } : {}),
  })
  const blockParameters = (prefix: string) => ({
    ...norm(`${prefix}.input_layernorm`),
    ...layer(`${prefix}.attention.query_key_value`, [3 * width, width], config.attention_bias),
    ...layer(`${prefix}.attention.dense`, [width, width], config.attention_bias),
    ...norm(`${prefix}.post_attention_layernorm`),
    ...layer(`${prefix}.mlp.dense_h_to_4h`, [inner, width]),
    ...layer(`${prefix}.mlp.dense_4h_to_h`, [width, inner]),
  })
  return {
    'gpt_neox.embed_in.weight': matrix(vocabularySize, width),
    ...Object.assign({}, ...blocks.map(blockParameters)),
    ...norm('gpt_neox.final_layer_norm'),
    ...(config.tie_word_embeddings ? {} : { 'embed_out.weight': matrix(vocabularySize, width) }),
  }
}
