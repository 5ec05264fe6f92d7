import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Reads a JSON object. Throws with the file's name when it is absent, malformed or not an object. */
export async function readJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError(path, cause)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path}: not valid JSON (${(cause as Error).message})`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error(`${path}: expected a JSON object`)
  return json as Record<string, unknown>
}

/** A failure to read or write a file, as one message that begins with its name. */
export function fileError(path: string, cause: NodeJS.ErrnoException): Error {
  const known: Record<string, string> = {
    ENOENT: 'there is no such file',
    ENOSPC: 'the disk is full; nothing was changed',
  }
  return new Error(`${path}: ${known[cause.code ?? ''] ?? cause.message}`, { cause })
}

/** One read of 2 GiB or more ends the process on Node 20. */
const longestRead = 2 ** 30

/** The bytes of an open file from `position` on. Throws when it ends before them. */
export async function readExactly(
  file: Pick<FileHandle, 'read'>,
  { path, position, length }: { path: string; position: number; length: number },
): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(length))
  let done = 0
  while (done < length) {
    const part = Math.min(length - done, longestRead)
    const { bytesRead } = await file.read(buffer, done, part, position + done)
    if (bytesRead === 0)
      throw new Error(`${path}: the file ends at byte ${position + done}, expected ${position + length}`)
    done += bytesRead
  }
  return buffer
}

/** Writes a file under a temporary name, flushes it and renames it, so that no reader ever sees a part of it. */
export async function writeFileAtomic(path: string, parts: Iterable<Uint8Array | string>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w').catch((cause) => {
    throw fileError(path, cause)
  })
  try {
    for (const part of parts) await file.writeFile(part)
    await file.sync()
    await file.close()
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw fileError(path, cause as Error)
  }
}

/** Flushes a folder's entries (renames are durable only then). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
