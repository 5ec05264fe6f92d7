import { createHash } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from '../recipe/schema.ts'
import { sourcesOf } from '../recipe/sources.ts'

/** Files up to this many bytes are read whole; of larger ones the size, the beginning and the end count. */
const readWhole = 2 ** 26
const edge = 2 ** 20

/**
 * What a stage's files and folders hold, by their names: a changed row, weight or reward function changes it. Outputs of other
 * stages and tables of a hub are left out, and what is not there is undefined; a function's own imports do not count.
 */
export async function fingerprints(stage: Stage): Promise<Record<string, string | undefined>> {
  const paths = new Set(sourcesOf(stage).map(([, path]) => path))
  const found: Record<string, string | undefined> = {}
  for (const path of [...paths].sort())
    if (!/^(stage|hub):/.test(path)) found[path] = await fingerprint(path).catch(() => undefined)
  return found
}

async function fingerprint(path: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of await filesOf(path)) {
    const file = await open(join(path, name))
    try {
      const { size } = await file.stat()
      hash.update(`${name}\n${size}\n`)
      const whole = size <= readWhole
      for (const from of whole ? [0] : [0, size - edge]) {
        const length = whole ? size : edge
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
        hash.update(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/** The file itself, or the files of a folder in order. */
async function filesOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return ['']
    throw cause
  }
}
