import type { Judgment } from '../model/judgment.ts'
import { flat, flatColumns } from './flat.ts'

/**
 * Judgments as CSV (RFC 4180) with a header. A cell that a spreadsheet would run as a formula gets an apostrophe before it, a plain
 * number does not; the column `judgment` has everything as it was, as JSON.
 */
export async function* csvLines(
  judgments: AsyncIterable<Judgment> | Iterable<Judgment>,
): AsyncGenerator<string> {
  yield `${flatColumns.join(',')}\r\n`
  for await (const judgment of judgments) {
    const row = flat(judgment)
    yield `${flatColumns.map((name) => cell(row[name])).join(',')}\r\n`
  }
}

const plainNumber = /^-?\d+(\.\d+)?$/

function cell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(value) && !plainNumber.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
