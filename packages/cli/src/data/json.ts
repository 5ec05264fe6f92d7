import type { PlacedRow, Row } from '@attune/lm'
import { UserError } from '../errors.ts'

/** Rows of JSON Lines; a line that is a bare text is a prompt. */
export function jsonLinesRows(text: string, path: string): PlacedRow[] {
  return withoutMark(text)
    .split('\n')
    .flatMap((source, index) => {
      if (source.trim() === '') return []
      const where = `${path}:${index + 1}`
      return [{ where, row: rowOf(parse(source, where), where) }]
    })
}

/** Rows of a JSON file: a list of objects, or an object with one such list; also JSON Lines under that name. */
export function jsonRows(text: string, path: string): PlacedRow[] {
  if (!/^\s*[[{]/.test(withoutMark(text)) || isJsonLines(text)) return jsonLinesRows(text, path)
  const json = parse(withoutMark(text), path)
  const list = listIn(json)
  if (!list) {
    const found = Object.keys(json as object).join(', ')
    throw new UserError(
      `${path}: expected a list of objects, or an object with one such list; found an object with ${found}`,
    )
  }
  return list.map((value, i) => ({
    where: `${path}: row ${i + 1}`,
    row: rowOf(value, `${path}: row ${i + 1}`),
  }))
}

function listIn(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json
  const lists = Object.values(json as object).filter((value) => Array.isArray(value) && value.length > 0)
  return lists.length === 1 ? lists[0] : undefined
}

/** Is the first line a whole object, with more behind it? */
function isJsonLines(text: string): boolean {
  const [first = '', ...rest] = withoutMark(text).trim().split('\n')
  if (!rest.some((line) => line.trim() !== '')) return false
  try {
    return typeof JSON.parse(first) === 'object'
  } catch {
    return false
  }
}

function rowOf(value: unknown, where: string): Row {
  if (typeof value === 'string') return { prompt: value }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new UserError(`${where}: expected a JSON object, found ${JSON.stringify(value).slice(0, 40)}`)
}

function parse(source: string, where: string): unknown {
  try {
    return JSON.parse(source)
  } catch (cause) {
    throw new UserError(`${where}: not valid JSON (${(cause as Error).message})`)
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}
