import { type FieldReader, fieldReader } from './field-reader.ts'
import { type RotaryFields, rotarySettings, rotaryShare } from './rotary-fields.ts'

/** GPT-2's `config.json`, as far as it shapes the model. */
export interface Gpt2Config {
  readonly model_type: 'gpt2'
  readonly vocab_size: number
  readonly n_positions: number
  readonly n_embd: number
  readonly n_layer: number
  readonly n_head: number
  readonly n_inner?: number | null
  readonly activation_function: string
  readonly layer_norm_epsilon: number
  readonly initializer_range?: number
  readonly tie_word_embeddings: boolean
}

/** Llama's `config.json`, as far as it shapes the model; Mistral, Qwen2, Qwen3 and Gemma use the same fields. */
export interface LlamaConfig extends RotaryFields {
  readonly model_type: (typeof llamaFamilies)[number]
  readonly vocab_size: number
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly num_key_value_heads: number
  readonly head_dim?: number | null
  readonly max_position_embeddings: number
  /** Positions that a token sees; longer contexts are refused. */
  readonly sliding_window?: number | null
  readonly rms_norm_eps: number
  readonly attention_bias: boolean
  readonly mlp_bias: boolean
  readonly initializer_range?: number
  readonly tie_word_embeddings: boolean
}

const llamaFamilies = ['llama', 'mistral', 'qwen2', 'qwen3', 'gemma'] as const

/** GPT-NeoX's `config.json`, as far as it shapes the model. */
export interface GptNeoxConfig extends RotaryFields {
  readonly model_type: 'gpt_neox'
  readonly vocab_size: number
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly max_position_embeddings: number
  readonly rotary_pct: number
  readonly layer_norm_eps: number
  readonly hidden_act: string
  readonly use_parallel_residual: boolean
  readonly attention_bias: boolean
  readonly initializer_range?: number
  readonly tie_word_embeddings: boolean
}

/** A validated `config.json`; fields that do not shape the model are kept, so that saving loses nothing. */
export type ModelConfig = (Gpt2Config | LlamaConfig | GptNeoxConfig) & Readonly<Record<string, unknown>>

/** Validates a `config.json`. Throws with the file, the field, what was found and what was expected. */
export function parseConfig(json: Readonly<Record<string, unknown>>, where: string): ModelConfig {
  const read = fieldReader(json, where)
  const family = json.model_type
  if (family === 'gpt2') return gpt2Config(json, read)
  if (family === 'gpt_neox') return gptNeoxConfig(json, read)
  const ofLlama = llamaFamilies.find((name) => name === family)
  if (ofLlama) return llamaConfig(json, read, ofLlama)
  throw new Error(
    `${where}: model_type is ${JSON.stringify(family)}; this version knows gpt2, gpt_neox, ${llamaFamilies.join(', ')} (see docs/support-table.md)`,
  )
}

function gpt2Config(json: Readonly<Record<string, unknown>>, read: FieldReader): ModelConfig {
  const config = {
    ...json,
    model_type: 'gpt2' as const,
    vocab_size: read.count('vocab_size'),
    n_positions: read.count('n_positions', { fallback: json.n_ctx, most: mostPositions }),
    n_embd: read.count('n_embd'),
    n_layer: read.count('n_layer', { most: mostLayers }),
    n_head: read.count('n_head'),
    n_inner: json.n_inner === null || json.n_inner === undefined ? null : read.count('n_inner'),
    activation_function: read.oneOf(
      'activation_function',
      ['gelu_new', 'gelu_pytorch_tanh', 'gelu'],
      'gelu_new',
    ),
    layer_norm_epsilon: read.positive('layer_norm_epsilon', 1e-5),
    initializer_range: read.positive('initializer_range', 0.02),
    tie_word_embeddings: read.flag('tie_word_embeddings', true),
  }
  read.divides('n_head', config.n_head, { field: 'n_embd', value: config.n_embd })
  // scores are divided by √(width of a head), and by nothing else
  if (!read.flag('scale_attn_weights', true)) read.fail('scale_attn_weights', 'true')
  if (read.flag('scale_attn_by_inverse_layer_idx', false))
    read.fail('scale_attn_by_inverse_layer_idx', 'false')
  return config
}

function llamaConfig(
  json: Readonly<Record<string, unknown>>,
  read: FieldReader,
  family: LlamaConfig['model_type'],
): ModelConfig {
  const heads = read.count('num_attention_heads')
  const gemma = family === 'gemma'
  const config = {
    ...json,
    model_type: family,
    vocab_size: read.count('vocab_size'),
    hidden_size: read.count('hidden_size'),
    intermediate_size: read.count('intermediate_size'),
    num_hidden_layers: read.count('num_hidden_layers', { most: mostLayers }),
    num_attention_heads: heads,
    num_key_value_heads: read.count('num_key_value_heads', { fallback: heads }),
    head_dim: json.head_dim === null || json.head_dim === undefined ? null : read.count('head_dim'),
    max_position_embeddings: read.count('max_position_embeddings', { most: mostPositions }),
    sliding_window: slidingWindow(json, read),
    rms_norm_eps: read.positive('rms_norm_eps', 1e-6),
    attention_bias: read.flag('attention_bias', false),
    mlp_bias: read.flag('mlp_bias', false),
    initializer_range: read.positive('initializer_range', 0.02),
    tie_word_embeddings: read.flag('tie_word_embeddings', gemma),
  }
  // Gemma's first files say 'gelu' and mean its tanh form
  if (gemma) read.oneOf('hidden_act', ['gelu', 'gelu_pytorch_tanh'], 'gelu_pytorch_tanh')
  else read.oneOf('hidden_act', ['silu'], 'silu')
  rotarySettings(json, read.where)
  if (config.head_dim === null)
    read.divides('num_attention_heads', heads, { field: 'hidden_size', value: config.hidden_size })
  read.even('width of a head', config.head_dim ?? config.hidden_size / heads)
  read.divides('num_key_value_heads', config.num_key_value_heads, {
    field: 'num_attention_heads',
    value: heads,
  })
  return config
}

/** Qwen's files name a window that `use_sliding_window` turns off. */
function slidingWindow(json: Readonly<Record<string, unknown>>, read: FieldReader): number | null {
  const { sliding_window: window, use_sliding_window: used = true } = json
  return window === null || window === undefined || used === false ? null : read.count('sliding_window')
}

function gptNeoxConfig(json: Readonly<Record<string, unknown>>, read: FieldReader): ModelConfig {
  const heads = read.count('num_attention_heads')
  const width = read.count('hidden_size')
  const config = {
    ...json,
    model_type: 'gpt_neox' as const,
    vocab_size: read.count('vocab_size'),
    hidden_size: width,
    intermediate_size: read.count('intermediate_size'),
    num_hidden_layers: read.count('num_hidden_layers', { most: mostLayers }),
    num_attention_heads: heads,
    max_position_embeddings: read.count('max_position_embeddings', { most: mostPositions }),
    rotary_pct: read.positive('rotary_pct', rotaryShare(json) ?? 0.25),
    layer_norm_eps: read.positive('layer_norm_eps', 1e-5),
    hidden_act: read.oneOf('hidden_act', ['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh'], 'gelu'),
    use_parallel_residual: read.flag('use_parallel_residual', true),
    attention_bias: read.flag('attention_bias', true),
    initializer_range: read.positive('initializer_range', 0.02),
    tie_word_embeddings: read.flag('tie_word_embeddings', false),
  }
  rotarySettings(json, read.where)
  read.divides('num_attention_heads', heads, { field: 'hidden_size', value: width })
  if (config.rotary_pct > 1) read.fail('rotary_pct', 'a share of at most 1')
  read.even('turned width of a head', Math.floor((width / heads) * config.rotary_pct))
  return config
}

/** More than any model has; a file that claims more is damaged, and would exhaust the memory. */
const mostLayers = 10_000
const mostPositions = 2 ** 20
