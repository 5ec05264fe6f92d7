import { access, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Parameters } from '@attune/grad'
import { adapterConfigFile, adapterWeightsFile, readAdapterWeights, saveAdapter } from '../lora/files.ts'
import { generationFile, loadTokenizer, type Tokenizer, templateFile } from '../tokenizer/tokenizer.ts'
import { parseConfig } from './config.ts'
import { fileError, readJson, writeFileAtomic } from './files.ts'
import { fitParameters, isBuffer } from './fit.ts'
import { architectureOf, type Model } from './model.ts'
import { readSafetensors, type StoredType, writeSafetensors } from './safetensors.ts'

const indexFile = 'model.safetensors.index.json'

/** Loads config.json, model.safetensors (or its shards), tokenizer.json and tokenizer_config.json of a folder. */
export async function loadFolder(folder: string): Promise<Model> {
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

/** Files of a model that was in the folder before, which would be read instead of those that `saveModel` writes. */
const readFirst = [indexFile, adapterConfigFile, adapterWeightsFile]

/**
 * Saves a model in Hugging Face's layout (an adapter in PEFT's), a scalar head with the rest, in place of what the folder
 * holds; a new folder that cannot be filled is removed.
 */
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
    if (model.adapter) await saveAdapter(folder, model.adapter, model.parameters)
    else await writeSafetensors(join(folder, 'model.safetensors'), model.parameters, { dtype })
    await writeFileAtomic(join(folder, 'config.json'), text(model.config))
    await writeFileAtomic(join(folder, 'tokenizer.json'), text(model.tokenizer.json))
    await writeFileAtomic(join(folder, 'tokenizer_config.json'), text(model.tokenizer.config))
    await saveEnds(folder, model.tokenizer)
    for (const name of model.adapter ? [templateFile] : [templateFile, ...readFirst])
      await rm(join(folder, name), { force: true })
  } catch (cause) {
    if (created) await rm(created, { recursive: true, force: true })
    throw cause
  }
}

/** Writes what ends a completion where `tokenizer_config.json` does not say it all, in place of what another model left. */
async function saveEnds(folder: string, { config, endsOfText }: Tokenizer): Promise<void> {
  const path = join(folder, generationFile)
  const { eos_token: named } = config as { eos_token?: unknown }
  if (endsOfText.length > (named ? 1 : 0))
    await writeFileAtomic(path, [`${JSON.stringify({ eos_token_id: endsOfText })}\n`])
  else await rm(path, { force: true })
}

/** The parameters of a folder under their stored names: an adapter's, or a model's from one file or its shards. */
export async function readParameters(folder: string): Promise<Parameters> {
  return (await exists(join(folder, adapterConfigFile))) ? readAdapterWeights(folder) : readTensors(folder)
}

async function readTensors(folder: string): Promise<Parameters> {
  const index = join(folder, indexFile)
  const read = async (file: string) =>
    (await readSafetensors(join(folder, file), { leaveOut: isBuffer })).tensors
  if (!(await exists(index))) return read('model.safetensors')
  const { weight_map: map } = await readJson(index)
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new Error(`${index}: weight_map is missing, expected file names by tensor`)
  const shardOf = new Map(Object.entries(map as Record<string, unknown>))
  const tensors: Parameters = {}
  for (const shard of new Set(shardOf.values())) {
    if (typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard))
      throw new Error(`${index}: ${JSON.stringify(shard)} is not the name of a safetensors file`)
    for (const [name, tensor] of Object.entries(await read(shard))) {
      if (shardOf.get(name) !== shard) {
        const place = shardOf.get(name) ?? 'no file'
        throw new Error(
          `${join(folder, shard)}: tensor '${name}' is here, but ${index} places it in ${place}`,
        )
      }
      tensors[name] = tensor
    }
  }
  for (const [name, shard] of shardOf) {
    if (!tensors[name] && !isBuffer(name))
      throw new Error(`${index}: tensor '${name}' is not in ${shard}, which should hold it`)
  }
  return tensors
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
