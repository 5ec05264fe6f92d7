import { type Clip, checkClip } from './clip.ts'

/** An item whose completions are two clips, as the server takes it. */
export interface ClipItem {
  readonly id?: string
  readonly prompt: string
  readonly clips: readonly [string, string]
  readonly completions: readonly { readonly text: string }[]
}

/**
 * Items of a file of JSON lines, `{"id"?, "prompt"?, "clips": [clip, clip]}`, where a clip is `{"id", "framesPerSecond",
 * "frames"}`. Throws an error that names the line.
 */
export function clipItems(text: string): ClipItem[] {
  const lines = text.split(/\r?\n/)
  const items = lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [itemOf(JSON.parse(line))]
    } catch (error) {
      throw new Error(`Line ${i + 1} of the file: ${(error as Error).message}`)
    }
  })
  if (items.length === 0) throw new Error('The file has no lines. Each line is {"clips": [clip, clip]}.')
  return items
}

interface Row {
  readonly id?: unknown
  readonly prompt?: unknown
  readonly clips?: unknown
}

function itemOf(row: Row): ClipItem {
  const clips = Array.isArray(row?.clips) ? row.clips : []
  if (clips.length !== 2) throw new Error(`expected "clips" with two clips, found ${clips.length}`)
  const [a, b] = clips.map(checkClip) as [Clip, Clip]
  const id = textIn(row, 'id')
  return {
    ...(id !== undefined && { id }),
    prompt: textIn(row, 'prompt') ?? '',
    clips: [a.id, b.id],
    completions: [a, b].map((clip) => ({ text: JSON.stringify(clip) })),
  }
}

function textIn(row: Row, field: 'id' | 'prompt'): string | undefined {
  const value = row[field]
  if (value === undefined || typeof value === 'string') return value
  throw new Error(`expected "${field}" as a text, found ${JSON.stringify(value)}`)
}

const mostBytes = 8 * 2 ** 20

/** Items in batches of about eight megabytes: each goes to the server in one request. */
export function batches(items: readonly ClipItem[]): ClipItem[][] {
  const parts: ClipItem[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const item of items) {
    const bytes = item.completions.reduce((sum, { text }) => sum + text.length, 0)
    if (size + bytes > mostBytes) {
      parts.push([])
      size = 0
    }
    parts.at(-1)!.push(item)
    size += bytes
  }
  return parts
}
