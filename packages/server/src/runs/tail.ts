import { open } from 'node:fs/promises'

/** Reads what a log has grown by; a log that was cut (a resumed run) is read from its beginning. */
export function logTail(path: string): () => Promise<{ lines: string[]; restarted: boolean }> {
  let offset = 0
  return async () => {
    const file = await open(path).catch(() => undefined)
    if (!file) return { lines: [], restarted: false }
    try {
      const { size } = await file.stat()
      const restarted = size < offset
      if (restarted) offset = 0
      const buffer = Buffer.alloc(size - offset)
      await file.read(buffer, 0, buffer.length, offset)
      const end = buffer.lastIndexOf(10) + 1
      offset += end
      return { lines: buffer.subarray(0, end).toString('utf8').split('\n').filter(Boolean), restarted }
    } finally {
      await file.close()
    }
  }
}
