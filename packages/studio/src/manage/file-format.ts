import type { Sent } from '../api/client.ts'

type Format = Sent<'POST /api/projects/{id}/import'>['body']['format']

/** The format of a picked file, and its text as that format has it: a JSON array that no tool has written becomes JSON lines. */
export function fileFormat(name: string, text: string): { readonly format: Format; readonly text: string } {
  if (/\.csv$/i.test(name)) return { format: 'csv', text }
  if (!text.trimStart().startsWith('[')) return { format: 'jsonl', text }
  const rows = parsed(text)
  const first = rows[0]
  if (typeof first?.data === 'object') return { format: 'label-studio', text }
  if (typeof first?.fields === 'object') return { format: 'argilla', text }
  return { format: 'jsonl', text: rows.map((row) => JSON.stringify(row)).join('\n') }
}

function parsed(text: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`The file begins as a JSON array but is none: ${(error as Error).message}`)
  }
}
