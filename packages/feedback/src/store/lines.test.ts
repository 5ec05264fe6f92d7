import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileLines } from './lines.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-lines-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test.each([1, 3, 1 << 16])('only a line feed ends a line, in chunks of %i bytes', async (chunkBytes) => {
  const path = join(folder, 'lines.jsonl')
  const lines = ['a\u2028b\u2029c\u0085d', '', 'é“🙂”\r', 'torn']
  for (const end of ['', '\n']) {
    await writeFile(path, lines.join('\n') + end)
    const found: string[] = []
    for await (const line of fileLines(path, { chunkBytes })) found.push(line)
    expect(found).toEqual(lines)
  }
})
