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

/** Llama's `config.json`, as far as it shapes the model. */
export interface LlamaConfig {
  readonly model_type: 'llama'
  readonly vocab_size: number
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly num_key_value_heads: number
  readonly head_dim?: number | null
  readonly max_position_embeddings: number
  readonly rms_norm_eps: number
  readonly rope_theta: number
  readonly attention_bias: boolean
  readonly mlp_bias: boolean
  readonly initializer_range?: number
  readonly tie_word_embeddings: boolean
}

/** A validated `config.json`; fields that do not shape the model are kept, so that saving loses nothing. */
export type ModelConfig = (Gpt2Config | LlamaConfig) & Readonly<Record<string, unknown>>

/** Validates a `config.json`. Throws with the file, the field, what was found and what was expected. */
export function parseConfig(json: Readonly<Record<string, unknown>>, where: string): ModelConfig {
  const read = reader(json, where)
  switch (json.model_type) {
    case 'gpt2':
      return gpt2Config(json, read)
    case 'llama':
      return llamaConfig(json, read)
    default:
      throw new Error(
        `${where}: model_type is ${JSON.stringify(json.model_type)}; this version knows 'gpt2' and 'llama' (see docs/support-table.md)`,
      )
  }
}

function gpt2Config(json: Readonly<Record<string, unknown>>, read: Reader): ModelConfig {
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
  return config
}

function llamaConfig(json: Readonly<Record<string, unknown>>, read: Reader): ModelConfig {
  const heads = read.count('num_attention_heads')
  const config = {
    ...json,
    model_type: 'llama' as const,
    vocab_size: read.count('vocab_size'),
    hidden_size: read.count('hidden_size'),
    intermediate_size: read.count('intermediate_size'),
    num_hidden_layers: read.count('num_hidden_layers', { most: mostLayers }),
    num_attention_heads: heads,
    num_key_value_heads: read.count('num_key_value_heads', { fallback: heads }),
    head_dim: json.head_dim === null || json.head_dim === undefined ? null : read.count('head_dim'),
    max_position_embeddings: read.count('max_position_embeddings', { most: mostPositions }),
    rms_norm_eps: read.positive('rms_norm_eps', 1e-6),
    rope_theta: read.positive('rope_theta', 10_000),
    attention_bias: read.flag('attention_bias', false),
    mlp_bias: read.flag('mlp_bias', false),
    initializer_range: read.positive('initializer_range', 0.02),
    tie_word_embeddings: read.flag('tie_word_embeddings', false),
  }
  read.oneOf('hidden_act', ['silu'], 'silu')
  read.absent('rope_scaling')
  if (config.head_dim === null)
    read.divides('num_attention_heads', heads, { field: 'hidden_size', value: config.hidden_size })
  read.even('width of a head', config.head_dim ?? config.hidden_size / heads)
  read.divides('num_key_value_heads', config.num_key_value_heads, {
    field: 'num_attention_heads',
    value: heads,
  })
  return config
}

type Reader = ReturnType<typeof reader>

interface CountLimits {
  readonly fallback?: unknown
  readonly most?: number
}

/** More than any model has; a file that claims more is damaged, and would exhaust the memory. */
const mostLayers = 10_000
const mostPositions = 2 ** 20

function reader(json: Readonly<Record<string, unknown>>, where: string) {
  const fail = (field: string, expected: string): never => {
    throw new Error(`${where}: ${field} is ${JSON.stringify(json[field])}, expected ${expected}`)
  }
  return {
    count: (field: string, { fallback, most = 2 ** 31 - 1 }: CountLimits = {}): number => {
      const value = json[field] ?? fallback
      return Number.isInteger(value) && (value as number) > 0 && (value as number) <= most
        ? (value as number)
        : fail(field, `a whole number from 1 to ${most}`)
    },
    positive: (field: string, fallback: number): number => {
      const value = json[field] ?? fallback
      return typeof value === 'number' && value > 0 && Number.isFinite(value)
        ? value
        : fail(field, 'a number above 0')
    },
    flag: (field: string, fallback: boolean): boolean => {
      const value = json[field] ?? fallback
      return typeof value === 'boolean' ? value : fail(field, 'true or false')
    },
    oneOf: (field: string, choices: readonly string[], fallback: string): string => {
      const value = json[field] ?? fallback
      return choices.includes(value as string) ? (value as string) : fail(field, choices.join(' or '))
    },
    even: (what: string, value: number): void => {
      if (value % 2 !== 0)
        throw new Error(`${where}: ${what} is ${value}, expected an even number: rotary positions turn pairs`)
    },
    absent: (field: string): void => {
      if (json[field] !== null && json[field] !== undefined)
        fail(field, 'null: scaled rotary positions are not supported')
    },
    divides: (field: string, value: number, whole: { field: string; value: number }): void => {
      if (whole.value % value !== 0) fail(field, `a divisor of ${whole.field} (${whole.value})`)
    },
  }
}
