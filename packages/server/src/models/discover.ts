import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from '@hono/zod-openapi'
import { id } from '../api/ids.ts'
import type { model } from '../api/runs.ts'

/** A model that was found, with what identifies this writing of it. */
export type FoundModel = z.output<typeof model> & { readonly stamp: string }

/** Models in Hugging Face's layout in `models/*` and `runs/<run>/<stage>/model` of a folder, newest first. */
export async function discoverModels(folder: string): Promise<FoundModel[]> {
  const own = (await names(join(folder, 'models'))).map((name) => ({ id: name, path: join('models', name) }))
  const runs = await names(join(folder, 'runs'))
  const made = await Promise.all(
    runs.map(async (run) =>
      (await names(join(folder, 'runs', run))).map((stage) => ({
        id: `${run}.${stage}`,
        path: join('runs', run, stage, 'model'),
        run,
        stage,
      })),
    ),
  )
  const found = await Promise.all([...own, ...made.flat()].map((place) => describe(folder, place)))
  return found
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id))
}

type Place = Pick<FoundModel, 'id' | 'path' | 'run' | 'stage'>

async function describe(root: string, place: Place): Promise<FoundModel | undefined> {
  if (!id.safeParse(place.id).success) return undefined
  const folder = join(root, place.path)
  const config = await json(join(folder, 'config.json'))
  const adapter = await json(join(folder, 'adapter_config.json'))
  const weights = adapter ? 'adapter_model.safetensors' : 'model.safetensors'
  const index = await json(join(folder, 'model.safetensors.index.json'))
  const shards = index ? [...new Set(Object.values(index.weight_map as Record<string, string>))] : [weights]
  const headers = await Promise.all(shards.map((shard) => readHeader(join(folder, shard))))
  const written = await stat(join(folder, shards[0] ?? weights)).catch(() => undefined)
  if (!(config || adapter) || !written || headers.some((header) => header === undefined)) return undefined
  const tensors = Object.assign({}, ...headers) as Record<string, { shape: readonly number[] }>
  const isReward =
    'score.weight' in tensors || adapter?.task_type === 'SEQ_CLS' || config?.reward_mean !== undefined
  const context = config?.max_position_embeddings ?? config?.n_positions
  const tokenizer = await json(join(folder, 'tokenizer_config.json'))
  return {
    ...place,
    kind: isReward ? 'reward' : 'lm',
    parameters: Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    createdAt: written.mtime.toISOString(),
    stamp: `${written.mtimeMs}-${written.size}`,
    chat: Boolean(tokenizer?.chat_template),
    ...(typeof context === 'number' ? { contextLength: context } : {}),
  }
}

/** Names of the folders in a folder. */
async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name)
}

async function json(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

const mostHeaderBytes = 100 * 2 ** 20

/** The header of a safetensors file: shapes by tensor; undefined when it is none. */
async function readHeader(path: string): Promise<Record<string, { shape: readonly number[] }> | undefined> {
  const file = await open(path).catch(() => undefined)
  try {
    if (!file) return undefined
    const start = Buffer.alloc(8)
    if ((await file.read(start, 0, 8, 0)).bytesRead < 8) return undefined
    const length = Number(start.readBigUInt64LE())
    if (length > mostHeaderBytes) return undefined
    const header = Buffer.alloc(length)
    await file.read(header, 0, length, 8)
    const { __metadata__: _, ...tensors } = JSON.parse(header.toString('utf8'))
    return tensors
  } catch {
    return undefined
  } finally {
    await file?.close()
  }
}
