import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { StoreError } from './error.ts'
import { type StoreEvent, storeEventSchema } from './event.ts'
import { fileLines } from './lines.ts'

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

/** The mark of an empty journal. */
export const emptyMark: JournalMark = { sequence: 0, hash: origin, size: 0 }

/** Opens a journal, or makes it; a torn last line, which was never acknowledged, is cut off. */
export async function openJournal(path: string): Promise<Journal> {
  const file = await open(path, 'a+').catch((cause: Error) => {
    throw new StoreError('unavailable', `${path}: ${cause.message}`, { cause })
  })
  let mark = await lastMark(file, path)
  /** Cuts off what a failed write may have left: the next line must follow the last whole one. */
  const tidy = async () => {
    if ((await file.stat()).size === mark.size) return
    await file.truncate(mark.size)
    await file.datasync()
  }
  await tidy()
  let torn = false
  return {
    path,
    mark: () => mark,
    rewind: async (to) => {
      mark = to
      torn = true
      await tidy()
      torn = false
    },
    append: async (events) => {
      const { bytes, after } = linesOf(events, mark)
      try {
        if (torn) await tidy()
        torn = true
        await file.appendFile(bytes)
        await file.datasync()
        torn = false
      } catch (cause) {
        await tidy().then(
          () => (torn = false),
          () => {},
        )
        const { message } = cause as Error
        throw new StoreError('unavailable', `${path}: ${message}; nothing was stored, try again`, { cause })
      }
      mark = after
      return after.sequence
    },
    close: () => file.close(),
  }
}

function linesOf(events: readonly StoreEvent[], before: JournalMark): { bytes: Buffer; after: JournalMark } {
  let { sequence, hash } = before
  const lines = events.map((event) => {
    sequence++
    const text = JSON.stringify({ sequence, before: hash, event } satisfies Line)
    hash = hashOf(text)
    return `${text}\n`
  })
  const bytes = Buffer.from(lines.join(''))
  return { bytes, after: { sequence, hash, size: before.size + bytes.length } }
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
    const start = end <= 0 ? -1 : tail.lastIndexOf(10, end - 1)
    if (end < 0 || (start < 0 && from > 0)) continue
    const text = tail.subarray(start + 1, end).toString()
    return { sequence: parseLine(text, path).sequence, hash: hashOf(text), size: from + end + 1 }
  }
  return emptyMark
}

function parseLine(text: string, where: string): Line {
  try {
    const line = JSON.parse(text) as Line
    return { ...line, event: storeEventSchema.parse(line.event) }
  } catch (cause) {
    throw new StoreError('invalid', `${where}: a line is not a journal entry (${(cause as Error).message})`)
  }
}

/** A line's event, with its number and its hash. */
export interface JournalEntry {
  readonly sequence: number
  readonly hash: string
  readonly event: StoreEvent
}

/**
 * A journal's entries, with every line's hash checked against the next. A torn last line is left out. Throws with the line
 * where the chain is broken.
 */
export async function* journalEntries(path: string): AsyncGenerator<JournalEntry> {
  let hash = origin
  let number = 0
  let torn: Error | null = null
  for await (const text of fileLines(path)) {
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
    yield { sequence: number, hash, event: line.event }
  }
}

/** Events of a journal after a sequence number; see `journalEntries`. */
export async function* readJournal(path: string, { after = 0 } = {}): AsyncGenerator<StoreEvent> {
  for await (const { sequence, event } of journalEntries(path)) if (sequence > after) yield event
}
