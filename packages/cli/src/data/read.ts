import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fileError, type PlacedRow } from '@attune/lm'
import { UserError } from '../errors.ts'
import { hubFiles, isHubSource } from '../hub/dataset.ts'
import { csvRows } from './csv.ts'
import { jsonLinesRows, jsonRows } from './json.ts'
import { parquetRows } from './parquet.ts'
import { textOf } from './text.ts'

type Reader = (content: Buffer, path: string) => readonly PlacedRow[] | Promise<readonly PlacedRow[]>

const readers: Readonly<Record<string, Reader>> = {
  jsonl: (content, path) => jsonLinesRows(textOf(content, path), path),
  ndjson: (content, path) => jsonLinesRows(textOf(content, path), path),
  json: (content, path) => jsonRows(textOf(content, path), path),
  csv: (content, path) => csvRows(textOf(content, path), { path, delimiter: ',' }),
  tsv: (content, path) => csvRows(textOf(content, path), { path, delimiter: '\t' }),
  parquet: parquetRows,
}

/**
 * Rows of a JSON Lines, JSON, CSV, TSV or Parquet file, by its name's ending, compressed with gzip or not; of a hub's dataset
 * (`hub:<owner>/<name>:<path>`), of all files that it names. Throws with the file and the line or row of what is malformed, and
 * when there are no rows.
 */
export async function readTable(source: string): Promise<readonly PlacedRow[]> {
  if (!isHubSource(source)) return readLocal(source)
  const parts = await Promise.all((await hubFiles(source)).map(readLocal))
  return parts.flat()
}

async function readLocal(path: string): Promise<readonly PlacedRow[]> {
  const name = path.toLowerCase().replace(/\.gz$/, '')
  const ending = name.slice(name.lastIndexOf('.') + 1)
  const reader = readers[ending]
  if (!reader) {
    throw new UserError(
      `${path}: a file ending in '.${ending}' is not known; expected ${Object.keys(readers).join(', ')}, or one of them with .gz`,
    )
  }
  const rows = await reader(await contentOf(path), path)
  if (rows.length === 0) throw new UserError(`${path}: the file has no rows`)
  return rows
}

async function contentOf(path: string): Promise<Buffer> {
  const content = await readFile(path).catch((cause) => {
    throw new UserError(fileError(path, cause).message)
  })
  if (!path.toLowerCase().endsWith('.gz')) return content
  return promisify(gunzip)(content).catch((cause: Error) => {
    throw new UserError(`${path}: not a whole gzip file (${cause.message}); was it cut short on the way?`)
  }) as Promise<Buffer>
}
