import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import { contentUrl, type RemoteFile, type Repository, statusRefusal } from './repository.ts'

/** How often a transfer is tried, after pauses of 1, 2, 4 … s. */
const attempts = 5

/** Told of bytes that are there, of so many. */
export type OnBytes = (present: number, total: number) => void

/**
 * Brings a file to `target`: what an earlier try left is gone on with, the checksum is compared, and only then the file gets its
 * name. Returns false when the very file was there. Throws when the hub refuses or the checksum stays wrong.
 */
export async function download(
  repository: Repository,
  { file, target, onBytes }: { file: RemoteFile; target: string; onBytes: OnBytes },
): Promise<boolean> {
  if ((await sizeOf(target)) === file.size && (await hasChecksum(target, file))) return false
  await mkdir(dirname(target), { recursive: true })
  const partial = `${target}.partial`
  if ((await sizeOf(partial)) > file.size) await rm(partial)
  let [broken, kept] = ['', '']
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if ((await sizeOf(partial)) < file.size || file.size === 0) {
      broken = await goOn(repository, { file, partial, onBytes })
      if (broken && attempt < attempts) await sleep(500 * 2 ** attempt)
    }
    kept = 'what has come is kept, run the command again to go on'
    if ((await sizeOf(partial)) !== file.size) continue
    if (await hasChecksum(partial, file)) {
      await rename(partial, target)
      return true
    }
    broken = `its checksum is not the hub's ${file.checksum.hex.slice(0, 12)}…`
    kept = 'what has come is removed'
    await rm(partial)
  }
  throw new UserError(`${file.path}: given up after ${attempts} tries (${broken}); ${kept}`)
}

/** Appends what is missing; returns why it broke off, empty when it did not. Throws when the hub refuses. */
async function goOn(
  repository: Repository,
  { file, partial, onBytes }: { file: RemoteFile; partial: string; onBytes: OnBytes },
): Promise<string> {
  const { accessToken } = repository
  const present = await sizeOf(partial)
  const headers = {
    ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    ...(present > 0 ? { range: `bytes=${present}-` } : {}),
  }
  try {
    const response = await fetch(contentUrl(repository, file.path), { headers })
    if (response.status >= 500 || response.status === 429) return `the hub answered ${response.status}`
    if (!response.ok || !response.body)
      throw statusRefusal(response.status, repository, `${response.statusText} for ${file.path}`)
    // a server that knows no ranges sends the whole file
    const from = response.status === 206 ? present : 0
    const output = await open(partial, from > 0 ? 'a' : 'w')
    try {
      let written = from
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
        await output.write(bytes)
        written += bytes.length
        if (written > file.size) return `more than its ${file.size} bytes came`
        onBytes(written, file.size)
      }
      await output.sync()
      return written < file.size ? `it ended after ${written} of ${file.size} bytes` : ''
    } finally {
      await output.close()
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    return (((cause as Error).cause ?? cause) as Error).message
  }
}

async function hasChecksum(path: string, { size, checksum }: RemoteFile): Promise<boolean> {
  const hash = createHash(checksum.algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (checksum.algorithm === 'git-sha1') hash.update(`blob ${size}\0`)
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
  return hash.digest('hex') === checksum.hex
}

/** Bytes of a file; −1 when it is not there. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  )
}
