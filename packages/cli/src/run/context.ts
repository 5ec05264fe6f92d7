import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Device } from '@attune/grad'
import type { DataSource } from '../data/load.ts'
import { UserError } from '../errors.ts'
import { isHubSource } from '../hub/dataset.ts'

/** Where a stage runs and what it may use. */
export interface StageContext {
  readonly name: string
  /** Folder of this stage's output. */
  readonly folder: string
  /** Folder of the run; earlier stages are beside this one. */
  readonly runFolder: string
  readonly seed: number
  readonly device: Device
  /** Whether to go on from the newest checkpoint. */
  readonly resume: boolean
  /** Aborted when the user wants to stop; stages save and end. */
  readonly signal: AbortSignal
}

/** Thrown when a stage has saved its state and ended early because the user asked for it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Path of a recipe's source: a file or folder as it is, `stage:<name>` as that stage's output `kind`. */
export async function sourcePath(
  source: string,
  { runFolder, kind, field }: { runFolder: string; kind: 'model' | 'comparisons.jsonl'; field: string },
): Promise<string> {
  if (isHubSource(source)) return source // read where it has been brought to
  const path = source.startsWith('stage:') ? join(runFolder, source.slice('stage:'.length), kind) : source
  await access(path).catch(() => {
    throw new UserError(`${field}: '${source}' is not there (looked for ${path})`)
  })
  return path
}

/** A recipe's data with the paths of its files; `stage:<name>` is that stage's comparisons. */
export async function dataPaths(
  data: DataSource,
  { runFolder, field }: { runFolder: string; field: string },
): Promise<DataSource> {
  const pathOf = (source: string) => sourcePath(source, { runFolder, kind: 'comparisons.jsonl', field })
  if (typeof data === 'string') return pathOf(data)
  return Promise.all(data.map(async (part) => ({ ...part, path: await pathOf(part.path) })))
}
