import type { PlacedRow, Row } from '@attune/lm'
import { CsvError, parse } from 'csv-parse/sync'
import { UserError } from '../errors.ts'

/** Columns whose cells are not texts; a cell that cannot be read so stays a text, which their readers refuse. */
const typed: Readonly<Record<string, (cell: string) => unknown>> = {
  label: booleanOf,
  margin: numberOf,
  safety: booleanOf,
  messages: jsonOf,
  conversations: jsonOf,
  completions: jsonOf,
  labels: jsonOf,
  tools: jsonOf,
}

/** Rows of a CSV file with a line of column names; lists and messages stand in their cells as JSON. */
export function csvRows(
  content: string,
  { path, delimiter }: { path: string; delimiter: string },
): PlacedRow[] {
  const records = parsed(content, { path, delimiter })
  return records.map(({ record, info }) => ({ where: `${path}:${info.lines}`, row: rowOf(record) }))
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>
  readonly info: { readonly lines: number }
}

function parsed(content: string, { path, delimiter }: { path: string; delimiter: string }): CsvRecord[] {
  try {
    return parse(content, {
      columns: true,
      bom: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      ...(delimiter === '\t' ? { quote: null } : {}),
    }) as unknown as CsvRecord[] // the type does not follow from `info`
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const line = (cause as CsvError & { lines?: number }).lines
    throw new UserError(`${path}${line === undefined ? '' : `:${line}`}: not valid CSV (${cause.message})`)
  }
}

function rowOf(record: Readonly<Record<string, string>>): Row {
  return Object.fromEntries(
    Object.entries(record).flatMap(([column, cell]) => {
      const value = typed[column]?.(cell) ?? cell
      return value === '' && typed[column] ? [] : [[column, value]]
    }),
  )
}

function numberOf(cell: string): unknown {
  return cell.trim() !== '' && Number.isFinite(Number(cell)) ? Number(cell) : undefined
}

function booleanOf(cell: string): unknown {
  const known: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false }
  return known[cell.trim().toLowerCase()]
}

function jsonOf(cell: string): unknown {
  try {
    return JSON.parse(cell)
  } catch {
    return undefined
  }
}
