import { readdir } from 'node:fs/promises'
import { loadModel, type ModelConfig, type StoredType, saveModel } from '@attune/lm'
import { UserError } from '../errors.ts'

/** Flags of `attune convert`, as commander gives them. */
export interface ConvertFlags {
  readonly dtype: string
}

const storedTypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const satisfies Record<
  StoredType,
  string
>

/** Writes a GGUF file, or an adapter merged into its base, as a folder in Hugging Face's layout. Throws when the folder holds files. */
export async function convertCommand(source: string, folder: string, flags: ConvertFlags): Promise<void> {
  const dtype = storedType(flags.dtype)
  const present = await readdir(folder).catch(() => [])
  if (present.length > 0)
    throw new UserError(`${folder}: holds ${present.length} files already; name a new or empty folder`)
  const model = await loadModel(source)
  const config = { ...model.config, torch_dtype: storedTypes[dtype] } as ModelConfig
  await saveModel(folder, { ...model, config }, { dtype })
  const count = Object.values(model.parameters).reduce((total, { data }) => total + data.length, 0)
  process.stderr.write(`${folder}: ${(count / 1e6).toFixed(1)} M parameters as ${dtype}\n`)
}

function storedType(text: string): StoredType {
  const found = (Object.keys(storedTypes) as StoredType[]).find((type) => type === text.toUpperCase())
  if (!found)
    throw new UserError(`--dtype is '${text}', expected one of ${Object.keys(storedTypes).join(', ')}`)
  return found
}
