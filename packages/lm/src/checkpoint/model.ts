import { access, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Parameters, type Random, randomKey } from '@attune/grad'
import { type Architecture, initialise } from '../models/architecture.ts'
import { gptNeox } from '../models/gpt-neox.ts'
import { gpt2 } from '../models/gpt2.ts'
import { llama } from '../models/llama.ts'
import { loadTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts'
import { type ModelConfig, parseConfig } from './config.ts'
import { fileError, readJson, writeFileAtomic } from './files.ts'
import { readSafetensors, type StoredType, writeSafetensors } from './safetensors.ts'

/** A language model in memory: what a Hugging Face checkpoint folder holds. */
export interface Model {
  readonly config: ModelConfig
  readonly architecture: Architecture
  readonly parameters: Parameters
  readonly tokenizer: Tokenizer
}

/** The architecture that a configuration describes. */
export function architectureOf(config: ModelConfig): Architecture {
  switch (config.model_type) {
    case 'gpt2':
      return gpt2(config)
    case 'gpt_neox':
      return gptNeox(config)
    default:
      return llama(config)
  }
}

/** A model with random parameters, a function of the seed. */
export function newModel(
  config: ModelConfig,
  { tokenizer, seed }: { tokenizer: Tokenizer; seed: number },
): Model {
  const architecture = architectureOf(config)
  const random = (name: string): Random => randomKey(seed, 'initialise', name)
  return { config, architecture, tokenizer, parameters: initialise(architecture, random) }
}

/** Loads config.json, model.safetensors (or its shards), tokenizer.json and tokenizer_config.json of a folder. */
export async function loadModel(folder: string): Promise<Model> {
  const config = parseConfig(await readJson(join(folder, 'config.json')), join(folder, 'config.json'))
  const architecture = architectureOf(config)
  const tokenizer = await loadTokenizer(folder)
  if (tokenizer.vocabularySize > architecture.vocabularySize) {
    throw new Error(
      `${folder}: the tokenizer has ${tokenizer.vocabularySize} tokens, but the model's vocab_size is ${architecture.vocabularySize}; are tokenizer.json and config.json of the same model?`,
    )
  }
  const tensors = await readTensors(folder)
  return { config, architecture, tokenizer, parameters: fitParameters(tensors, architecture, folder) }
}

/** Saves a model in Hugging Face's layout, a scalar head with the rest; a new folder that cannot be filled is removed. */
export async function saveModel(
  folder: string,
  model: Model,
  { dtype = 'F32' as StoredType } = {},
): Promise<void> {
  const created = await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const text = (json: object) => [`${JSON.stringify(json, null, 2)}\n`]
  try {
    await writeSafetensors(join(folder, 'model.safetensors'), model.parameters, { dtype })
    await writeFileAtomic(join(folder, 'config.json'), text(model.config))
    await writeFileAtomic(join(folder, 'tokenizer.json'), text(model.tokenizer.json))
    await writeFileAtomic(join(folder, 'tokenizer_config.json'), text(model.tokenizer.config))
  } catch (cause) {
    if (created) await rm(created, { recursive: true, force: true })
    throw cause
  }
}

async function readTensors(folder: string): Promise<Parameters> {
  const index = join(folder, 'model.safetensors.index.json')
  if (!(await exists(index))) return (await readSafetensors(join(folder, 'model.safetensors'))).tensors
  const { weight_map: map } = await readJson(index)
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new Error(`${index}: weight_map is missing, expected file names by tensor`)
  const shardOf = new Map(Object.entries(map as Record<string, unknown>))
  const tensors: Parameters = {}
  for (const shard of new Set(shardOf.values())) {
    if (typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard))
      throw new Error(`${index}: ${JSON.stringify(shard)} is not the name of a safetensors file`)
    const path = join(folder, shard)
    for (const [name, tensor] of Object.entries((await readSafetensors(path)).tensors)) {
      if (shardOf.get(name) !== shard) {
        const place = shardOf.get(name) ?? 'no file'
        throw new Error(`${path}: tensor '${name}' is here, but ${index} places it in ${place}`)
      }
      tensors[name] = tensor
    }
  }
  for (const [name, shard] of shardOf) {
    if (!tensors[name]) throw new Error(`${index}: tensor '${name}' is not in ${shard}, which should hold it`)
  }
  return tensors
}

/** Scalar heads of reward models and critics, which a checkpoint may hold beyond its language model. */
const scalarHead = /^(score|value_head)\.(weight|bias)$/

/** Buffers that old checkpoints hold, and which are computed here. */
const buffer = /\.(attn|attention)\.(masked_)?bias$|rotary_emb\.inv_freq$/

/** Names that other versions of transformers give. */
const otherNames: Readonly<Record<string, string>> = { 'lm_head.weight': 'embed_out.weight' }

/** Checks names and shapes against the architecture; a scalar head is kept. */
function fitParameters(
  tensors: Parameters,
  { parameters: expected, outputEmbedding, width }: Architecture,
  where: string,
): Parameters {
  const fitted: Parameters = {}
  for (const [stored, tensor] of Object.entries(tensors)) {
    const name =
      [stored, `transformer.${stored}`, otherNames[stored] ?? stored].find((name) =>
        Object.hasOwn(expected, name),
      ) ?? stored
    if (buffer.test(name)) continue
    if (/^(lm_head|embed_out)\.weight$/.test(name) && outputEmbedding !== name) continue // tied: the embedding again
    const shape = Object.hasOwn(expected, name)
      ? expected[name]!.shape
      : scalarHead.test(name)
        ? name.endsWith('weight')
          ? [1, width]
          : [1]
        : undefined
    if (!shape)
      throw new Error(`${where}: parameter '${name}' [${tensor.shape}] is not one that config.json describes`)
    if (fitted[name])
      throw new Error(`${where}: parameter '${name}' is there with and without 'transformer.'`)
    if (tensor.shape.join() !== shape.join())
      throw new Error(
        `${where}: parameter '${name}' is [${tensor.shape}], but config.json makes it [${shape}]`,
      )
    fitted[name] = tensor
  }
  const missing = Object.keys(expected).find((name) => !fitted[name])
  if (missing) {
    const { shape } = expected[missing]!
    throw new Error(`${where}: parameter '${missing}' [${shape}] is missing from the checkpoint`)
  }
  return fitted
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
