import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendAll, readLines } from './durable-lines.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-lines-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a line torn anywhere is left out, and those before and behind it are read', async () => {
  const path = join(folder, 'torn.jsonl')
  const rows = fc.array(fc.record({ text: fc.string(), inner: fc.object() }), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(rows, fc.double({ min: 0, max: 1, noNaN: true }), async (before, share) => {
      await rm(path, { force: true })
      await appendAll(path, before, { sync: false })
      const line = JSON.stringify({ kind: 'torn', before })
      await writeFile(path, line.slice(0, 1 + Math.floor(share * (line.length - 2))), { flag: 'a' })
      await appendAll(path, [{ last: 1 }], { sync: false })
      const read = (await readLines(path)).map(({ value }) => value)
      expect(read).toEqual([...before.map((row) => JSON.parse(JSON.stringify(row))), { last: 1 }])
    }),
    { numRuns: 40 },
  )
})

test('a damaged line is an error that names it, not an answer less', async () => {
  const path = join(folder, 'damaged.jsonl')
  await writeFile(path, '{"a":1}\n{"a":@}\n{"a":3}\n')
  await expect(readLines(path)).rejects.toThrow(`${path}, line 2 is damaged`)
})
