import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadGguf } from '../gguf/model.ts'
import { mergeAdapter } from '../lora/adapter.ts'
import { adapterConfigFile, loadAdapter } from '../lora/files.ts'
import { parseConfig } from './config.ts'
import { readJson } from './files.ts'
import { loadFolder } from './folder.ts'
import type { Model } from './model.ts'

/** Loads a model: a folder in Hugging Face's layout, a GGUF file, or an adapter's folder, which is merged into its base. */
export async function loadModel(path: string): Promise<Model> {
  if (path.endsWith('.gguf')) return loadGguf(path)
  if (!existsSync(join(path, adapterConfigFile))) return loadFolder(path)
  const merged = mergeAdapter(await loadAdapter(await loadBase(path), path))
  const own = join(path, 'config.json')
  return existsSync(own) ? { ...merged, config: parseConfig(await readJson(own), own) } : merged
}

async function loadBase(folder: string): Promise<Model> {
  const where = join(folder, adapterConfigFile)
  const { base_model_name_or_path: base } = await readJson(where)
  if (typeof base !== 'string')
    throw new Error(`${where}: base_model_name_or_path is ${JSON.stringify(base)}, expected the base's path`)
  if (!existsSync(base)) {
    throw new Error(
      `${where}: its base '${base}' is not there; paths count from the working folder, and a hub's model must be downloaded first`,
    )
  }
  return loadModel(base)
}
