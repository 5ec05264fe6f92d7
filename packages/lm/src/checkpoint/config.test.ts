import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConfig } from './config.ts'
import { architectureOf } from './model.ts'

const gpt2 = { model_type: 'gpt2', vocab_size: 16, n_positions: 8, n_embd: 4, n_layer: 1, n_head: 2 }
const llama = {
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 8,
}

const neox = { ...llama, model_type: 'gpt_neox' }

test("what is left out gets the family's value; what is not known is kept", () => {
  expect(parseConfig({ ...gpt2, summary_type: 'last' }, 'x')).toMatchObject({
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
    summary_type: 'last',
  })
  expect(parseConfig(llama, 'x')).toMatchObject({
    num_key_value_heads: 2,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: false,
  })
})

test('a parsed configuration parses to itself', () => {
  for (const json of [gpt2, llama, { ...neox, rotary_pct: 0.5 }]) {
    const config = parseConfig(json, 'x')
    expect(parseConfig(JSON.parse(JSON.stringify(config)), 'x')).toEqual(config)
  }
})

describe('a wrong field is named with what was found and expected', () => {
  test.each([
    [
      { model_type: 'bert' },
      /^a\/config\.json: model_type is "bert"; this version knows gpt2, gpt_neox, llama/,
    ],
    [{}, /model_type is undefined/],
    [{ ...gpt2, n_layer: 0 }, /^a\/config\.json: n_layer is 0, expected a whole number from 1 to 10000$/],
    [{ ...gpt2, n_layer: 1e12 }, /n_layer is 1000000000000, expected/],
    [{ ...gpt2, n_embd: '4' }, /n_embd is "4", expected a whole number/],
    [{ ...gpt2, n_embd: undefined }, /n_embd is undefined, expected a whole number/],
    [{ ...gpt2, n_head: 3 }, /n_head is 3, expected a divisor of n_embd \(4\)/],
    [{ ...gpt2, activation_function: 'relu' }, /activation_function is "relu", expected gelu_new or/],
    [{ ...gpt2, layer_norm_epsilon: -1 }, /layer_norm_epsilon is -1, expected a number above 0/],
    [{ ...gpt2, initializer_range: 'wide' }, /initializer_range is "wide", expected a number above 0/],
    [{ ...gpt2, scale_attn_weights: false }, /scale_attn_weights is false, expected true$/],
    [
      { ...gpt2, scale_attn_by_inverse_layer_idx: true },
      /scale_attn_by_inverse_layer_idx is true, expected false$/,
    ],
    [{ ...gpt2, tie_word_embeddings: 1 }, /tie_word_embeddings is 1, expected true or false/],
    [
      { ...llama, num_key_value_heads: 4 },
      /num_key_value_heads is 4, expected a divisor of num_attention_heads/,
    ],
    [{ ...llama, hidden_size: 6 }, /width of a head is 3, expected an even number/],
    [{ ...llama, max_position_embeddings: 1e12 }, /max_position_embeddings is 1000000000000, expected/],
    [{ ...llama, hidden_act: 'gelu' }, /hidden_act is "gelu", expected silu/],
    [{ ...llama, rope_scaling: { factor: 8 } }, /type is undefined, expected default or linear or llama3/],
    [{ ...llama, rope_scaling: { type: 'yarn' } }, /type is "yarn", expected default or linear or llama3/],
    [{ ...llama, rope_scaling: { type: 'linear' } }, /factor is undefined, expected a number above 0/],
    [{ ...llama, rope_theta: 0 }, /rope_theta is 0, expected a number above 0/],
    [{ ...llama, model_type: 'mistral', sliding_window: -1 }, /sliding_window is -1, expected a whole/],
    [{ ...neox, rotary_pct: 2 }, /rotary_pct is 2, expected a share/],
    [{ ...neox, rotary_pct: 0.3 }, /turned width of a head is 1, expected an even number/],
  ])('%j', (json, message) => {
    expect(() => parseConfig(json, 'a/config.json')).toThrow(message)
  })
})

test('garbage is refused with a message, or describes a model', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.integer({ min: -2, max: 64 }))
  const broken = fc
    .tuple(fc.constantFrom(gpt2, llama), fc.integer({ min: 0, max: 9 }), value)
    .map(([json, at, garbage]) => {
      const fields = Object.keys(json)
      return { ...json, [fields[at % fields.length]!]: garbage }
    })
  fc.assert(
    fc.property(broken, (json) => {
      try {
        expect(architectureOf(parseConfig(json, 'here')).vocabularySize).toBeGreaterThan(0)
      } catch (error) {
        expect((error as Error).message).toMatch(/^here: \w+/)
      }
    }),
    { numRuns: 300 },
  )
})
