import { randomKey } from '@attune/grad'
import { type ModelConfig, parseConfig } from '../src/checkpoint/config.ts'
import { architectureOf } from '../src/checkpoint/model.ts'
import { initialise } from '../src/models/architecture.ts'

/** Small configurations of every family and option. */
export const tinyConfigs: Readonly<Record<string, ModelConfig>> = {
  'gpt2, tied': parseConfig(
    {
      model_type: 'gpt2',
      vocab_size: 24,
      n_positions: 64,
      n_embd: 16,
      n_layer: 2,
      n_head: 2,
      tie_word_embeddings: true,
    },
    'tiny',
  ),
  'gpt2, untied, erf': parseConfig(
    {
      model_type: 'gpt2',
      vocab_size: 24,
      n_positions: 64,
      n_embd: 16,
      n_layer: 1,
      n_head: 4,
      tie_word_embeddings: false,
      activation_function: 'gelu',
    },
    'tiny',
  ),
  'llama, grouped queries, tied': parseConfig(
    llama({ num_key_value_heads: 2, tie_word_embeddings: true }),
    'tiny',
  ),
  'llama, untied, biases': parseConfig(
    llama({ attention_bias: true, mlp_bias: true, tie_word_embeddings: false }),
    'tiny',
  ),
  qwen3: parseConfig(llama({ model_type: 'qwen3', num_key_value_heads: 2, head_dim: 6 }), 'tiny'),
  gemma: parseConfig(
    llama({ model_type: 'gemma', num_key_value_heads: 1, hidden_act: 'gelu_pytorch_tanh' }),
    'tiny',
  ),
  'gpt-neox': parseConfig(llama({ model_type: 'gpt_neox', rotary_pct: 0.5 }), 'tiny'),
}

function llama(options: Record<string, unknown>): Record<string, unknown> {
  return {
    model_type: 'llama',
    vocab_size: 24,
    hidden_size: 16,
    intermediate_size: 40,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    max_position_embeddings: 64,
    initializer_range: 0.3,
    ...options,
  }
}

/** A random model of a configuration, with biases and scales that are not at their starting values. */
export function tinyModel(config: ModelConfig) {
  const architecture = architectureOf(config)
  const parameters = initialise(architecture, (name) => randomKey(7, name))
  for (const [name, { data, shape }] of Object.entries(parameters)) {
    const random = randomKey(8, name)
    if (shape.length === 1) for (let i = 0; i < data.length; i++) data[i] = data[i]! + 0.2 * random.normal()
  }
  return { architecture, parameters }
}
