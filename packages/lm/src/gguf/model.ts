import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type FloatArray, ndarray, type Parameters } from '@attune/grad'
import { type ModelConfig, parseConfig } from '../checkpoint/config.ts'
import { fitParameters } from '../checkpoint/fit.ts'
import { architectureOf, type Model } from '../checkpoint/model.ts'
import { loadTokenizer, type Tokenizer, tokenizer } from '../tokenizer/tokenizer.ts'
import { readGguf } from './file.ts'
import { ggufTokenizer } from './tokenizer.ts'

/** Names of a block's tensors: llama.cpp's and Hugging Face's. */
const blockNames: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}

const otherNames: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
}

const families = ['llama', 'qwen2', 'qwen3', 'gemma'] as const

/**
 * Loads a model from a GGUF file, widened to float32; a `tokenizer.json` beside it goes before the file's own tokenizer.
 * Throws with the file and what it holds that is not known.
 */
export async function loadGguf(path: string): Promise<Model> {
  const { metadata, tensors } = await readGguf(path)
  const config = configOf(metadata, { path, tied: !tensors['output.weight'] })
  const architecture = architectureOf(config)
  const named = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const ours = hubName(name, path)
      return [ours, converted(ours, tensor, config)]
    }),
  )
  const parameters: Parameters = fitParameters(named, architecture, path)
  return { config, architecture, parameters, tokenizer: await tokenizerOf(path, metadata) }
}

async function tokenizerOf(path: string, metadata: Readonly<Record<string, unknown>>): Promise<Tokenizer> {
  const folder = dirname(path)
  if (existsSync(join(folder, 'tokenizer.json'))) return loadTokenizer(folder)
  const { json, config } = ggufTokenizer(metadata, path)
  return tokenizer(json, config, path)
}

function hubName(name: string, path: string): string {
  const [, block, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? []
  const found =
    part && blockNames[part] ? `model.layers.${block}.${blockNames[part]}.${kind}` : otherNames[name]
  if (!found)
    throw new Error(
      `${path}: tensor '${name}' is not one of ${families.join(', ')} as this version knows them`,
    )
  return found
}

/** `config.json` in Hugging Face's fields. */
function configOf(
  metadata: Readonly<Record<string, unknown>>,
  { path, tied }: { path: string; tied: boolean },
): ModelConfig {
  const family = families.find((name) => name === metadata['general.architecture'])
  if (!family) {
    throw new Error(
      `${path}: general.architecture is ${JSON.stringify(metadata['general.architecture'])}; GGUF files of ${families.join(', ')} can be loaded`,
    )
  }
  const field = (name: string) => metadata[`${family}.${name}`]
  const tokens = metadata['tokenizer.ggml.tokens']
  return parseConfig(
    {
      model_type: family,
      vocab_size: field('vocab_size') ?? (Array.isArray(tokens) ? tokens.length : undefined),
      hidden_size: field('embedding_length'),
      intermediate_size: field('feed_forward_length'),
      num_hidden_layers: field('block_count'),
      num_attention_heads: field('attention.head_count'),
      num_key_value_heads: field('attention.head_count_kv'),
      head_dim: field('attention.key_length') ?? null,
      max_position_embeddings: field('context_length'),
      rms_norm_eps: field('attention.layer_norm_rms_epsilon'),
      rope_theta: field('rope.freq_base') ?? 10_000,
      rope_scaling: ropeScaling(field, path),
      tie_word_embeddings: tied,
      bos_token_id: metadata['tokenizer.ggml.bos_token_id'],
      eos_token_id: metadata['tokenizer.ggml.eos_token_id'],
      torch_dtype: 'float32',
    },
    path,
  )
}

/** As llama.cpp reads it: linear when no type is named, by a factor that older files call `rope.scale_linear`. */
function ropeScaling(field: (name: string) => unknown, path: string): object | null {
  const type = field('rope.scaling.type') ?? 'linear'
  const factor = field('rope.scaling.factor') ?? field('rope.scale_linear')
  if (type !== 'linear' && type !== 'none')
    throw new Error(`${path}: rope.scaling.type is ${JSON.stringify(type)}, expected linear or none`)
  return type === 'linear' && factor ? { rope_type: type, factor } : null
}

/** Undoes what llama.cpp's converter does to a tensor. */
function converted(name: string, tensor: FloatArray, config: ModelConfig): FloatArray {
  if (config.model_type === 'gemma' && name.endsWith('norm.weight'))
    return ndarray(
      tensor.data.map((scale) => scale - 1),
      tensor.shape,
    ) // stored as 1 + w
  if (config.model_type !== 'llama') return tensor
  if (name.endsWith('q_proj.weight')) return halvesApart(tensor, config.num_attention_heads)
  if (name.endsWith('k_proj.weight')) return halvesApart(tensor, config.num_key_value_heads)
  return tensor
}

/** Rows 2i and 2i + 1 of a head, which turn together, to rows i and i + D/2. */
function halvesApart({ data, shape }: FloatArray, heads: number): FloatArray {
  const [rows, width] = shape as [number, number]
  const headRows = rows / heads
  const out = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) {
    const within = row % headRows
    const target = row - within + (within % 2) * (headRows / 2) + (within >> 1)
    out.set(data.subarray(row * width, (row + 1) * width), target * width)
  }
  return ndarray(out, shape)
}
