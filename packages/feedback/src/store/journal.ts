import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { StoreError } from './error.ts'
import { type StoreEvent, storeEventSchema } from './event.ts'

/** Where a journal stands. */
export interface JournalMark {
  readonly sequence: number
  readonly hash: string
  readonly size: number
}

/** An append-only file of events; each line carries the hash of the one before. */
export interface Journal {
  readonly path: string
  readonly mark: () => JournalMark
  /** Writes and syncs; on failure nothing of it stays. Returns the sequence of the last line. */
  readonly append: (events: readonly StoreEvent[]) => Promise<number>
  /** Forgets what came after a mark. */
  readonly rewind: (mark: JournalMark) => Promise<void>
  readonly close: () => Promise<void>
}

interface Line {
  readonly sequence: number
  readonly before: string
  readonly event: StoreEvent
}

const origin = '0'.repeat(64)
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Opens a journal, or makes it; a torn last line, which was never acknowledged, is cut off. */
export async function openJournal(path: string): Promise<Journal> {
  const file = await open(path, 'a+').catch((cause: Error) => {
    throw new StoreError('unavailable', `${path}: ${cause.message}`, { cause })
  })
  let mark = await lastMark(file, path)
  const rewind = async (to: JournalMark) => {
    if (to.size === mark.size && (await file.stat()).size === to.size) return
    await file.truncate(to.size)
    await file.datasync()
    mark = to
  }
  await rewind(mark)
  return {
    path,
    mark: () => mark,
    rewind,
    append: async (events) => {
      const before = mark
      let { sequence, hash } = mark
      const lines = events.map((event) => {
        sequence++
        const text = JSON.stringify({ sequence, before: hash, event } satisfies Line)
        hash = hashOf(text)
        return `${text}\n`
      })
      const bytes = Buffer.from(lines.join(''))
      try {
        await file.appendFile(bytes)
        await file.datasync()
      } catch (cause) {
        await file.truncate(before.size).catch(() => {})
        const { message } = cause as Error
        throw new StoreError('unavailable', `${path}: ${message}; nothing was stored, try again`, { cause })
      }
      mark = { sequence, hash, size: before.size + bytes.length }
      return sequence
    },
    close: () => file.close(),
  }
}

/** The mark after the last whole line. */
async function lastMark(file: FileHandle, path: string): Promise<JournalMark> {
  const { size } = await file.stat()
  let tail = Buffer.alloc(0)
  for (let from = size; from > 0; ) {
    const length = Math.min(from, 1 << 16)
    from -= length
    const chunk = Buffer.alloc(length)
    await file.read(chunk, 0, length, from)
    tail = Buffer.concat([chunk, tail])
    const end = tail.lastIndexOf(10)
    const start = end < 0 ? -1 : tail.lastIndexOf(10, end - 1)
    if (end < 0 || (start < 0 && from > 0)) continue
    const text = tail.subarray(start + 1, end).toString()
    return { sequence: parseLine(text, path).sequence, hash: hashOf(text), size: from + end + 1 }
  }
  return { sequence: 0, hash: origin, size: 0 }
}

function parseLine(text: string, where: string): Line {
  try {
    const line = JSON.parse(text) as Line
    return { ...line, event: storeEventSchema.parse(line.event) }
  } catch (cause) {
    throw new StoreError('invalid', `${where}: a line is not a journal entry (${(cause as Error).message})`)
  }
}

/**
 * Events of a journal after a sequence number, with every line's hash checked against the next. A torn last line is left
 * out. Throws with the line where the chain is broken.
 */
export async function* readJournal(path: string, { after = 0 } = {}): AsyncGenerator<StoreEvent> {
  const stream = createReadStream(path, 'utf8')
  let hash = origin
  let number = 0
  let torn: Error | null = null
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (torn) throw torn
    number++
    let line: Line
    try {
      line = parseLine(text, `${path}, line ${number}`)
    } catch (cause) {
      torn = cause as Error
      continue
    }
    if (line.before !== hash || line.sequence !== number) {
      throw new StoreError(
        'invalid',
        `${path}, line ${number}: the hash chain is broken; a line before it was changed or removed`,
      )
    }
    hash = hashOf(text)
    if (line.sequence > after) yield line.event
  }
}
