import type { PlacedRow, Row } from '@attune/lm'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { UserError } from '../errors.ts'

/** Rows of a Parquet file, as the Hugging Face hub keeps data sets. */
export async function parquetRows(content: Buffer, path: string): Promise<PlacedRow[]> {
  const file = content.buffer.slice(
    content.byteOffset,
    content.byteOffset + content.byteLength,
  ) as ArrayBuffer
  const rows = await parquetReadObjects({ file, compressors }).catch((cause: Error) => {
    throw new UserError(`${path}: not a whole Parquet file (${cause.message})`)
  })
  return rows.map((row, i) => ({ where: `${path}: row ${i + 1}`, row: plain(row) as Row }))
}

/** Whole numbers as numbers, columns without a value left out. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  return Object.fromEntries(entries.map(([field, inner]) => [field, plain(inner)]))
}
