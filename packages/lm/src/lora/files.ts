import { join } from 'node:path'
import type { Parameters } from '@attune/grad'
import { readJson, writeFileAtomic } from '../checkpoint/files.ts'
import type { Adapter, Model } from '../checkpoint/model.ts'
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts'
import { loraArchitecture } from './adapter.ts'
import { parseLoraConfig } from './config.ts'

/** PEFT's file names. */
export const adapterConfigFile = 'adapter_config.json'
export const adapterWeightsFile = 'adapter_model.safetensors'

/** What PEFT puts before the names of the model that it wraps. */
const prefix = 'base_model.model.'

/** Heads that PEFT saves beside the factors (`modules_to_save`). */
const head = /^(score|value_head)\.(weight|bias)$/

/** Writes `adapter_model.safetensors` and `adapter_config.json` in PEFT's format. */
export async function saveAdapter(
  folder: string,
  { config }: Adapter,
  parameters: Parameters,
): Promise<void> {
  const named = Object.fromEntries(Object.entries(parameters).map(([name, array]) => [prefix + name, array]))
  await writeSafetensors(join(folder, adapterWeightsFile), named)
  await writeFileAtomic(join(folder, adapterConfigFile), [`${JSON.stringify(config, null, 2)}\n`])
}

/** Puts the adapter of a folder on a base. Throws when names or shapes are not those that the base and the rank make. */
export async function loadAdapter(base: Model, folder: string): Promise<Model> {
  const where = join(folder, adapterConfigFile)
  const config = parseLoraConfig(await readJson(where), where)
  const architecture = loraArchitecture(base, config)
  const stored = await readAdapterWeights(folder)
  for (const [name, { shape }] of Object.entries(architecture.parameters)) {
    const found = stored[name]?.shape
    if (found?.join() !== shape.join()) {
      const what = found ? `is [${found}]` : 'is missing'
      throw new Error(
        `${join(folder, adapterWeightsFile)}: '${prefix}${name}' ${what}, but rank ${config.r} on this base makes it [${shape}]; is it the adapter of another model?`,
      )
    }
  }
  const stranger = Object.keys(stored).find((name) => !architecture.parameters[name] && !head.test(name))
  if (stranger !== undefined) {
    throw new Error(
      `${join(folder, adapterWeightsFile)}: '${prefix}${stranger}' belongs to no layer of the base that target_modules names; is it the adapter of another model?`,
    )
  }
  return { ...base, architecture, parameters: stored, adapter: { config, base } }
}

/** The stored factors and heads under the model's own names. */
export async function readAdapterWeights(folder: string): Promise<Parameters> {
  const { tensors } = await readSafetensors(join(folder, adapterWeightsFile))
  return Object.fromEntries(
    Object.entries(tensors).map(([name, array]) => [
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
      array,
    ]),
  )
}
