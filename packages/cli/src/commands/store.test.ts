import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@attune/feedback/store'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { storeExport, storeImport, storeMove } from './store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-import-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

test('store import leaves out what was skipped and what the project does not ask for, and says so', async () => {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += text
      return true
    })
  const result = (name: string, type: string, value: object) => ({
    from_name: name,
    to_name: 'a',
    type,
    value,
  })
  const pairwise = result('comparison', 'pairwise', { selected: 'left' })
  const tasks = [
    {
      data: { prompt: 'q', answer1: 'x', answer2: 'y' },
      annotations: [
        { completed_by: 'ann', result: [pairwise] },
        { completed_by: 'bob', result: [pairwise], was_cancelled: true },
        { completed_by: 'cyd', result: [result('rating', 'rating', { rating: 4 })] },
      ],
    },
  ]
  const input = join(folder, 'tasks.json')
  await writeFile(input, JSON.stringify(tasks))
  const address = `jsonl:${join(folder, 'store')}`
  await storeImport(address, { format: 'label-studio', project: 'p', input })
  expect(said.stdout).toBe("1 items and 1 judgments are new in project 'p'\n")
  expect(said.stderr).toContain('row 1: an annotation was skipped')
  expect(said.stderr).toContain("row 1: the answer of 'cyd' is a rating, but the project asks for comparison")
  await storeImport(address, { format: 'label-studio', project: 'p', input })
  expect(said.stdout).toContain("0 items and 0 judgments are new in project 'p'\n")
  const store = await openStore(address)
  expect(await store.progress('p')).toMatchObject({ items: 1, done: 1, extra: 0 })
  await store.close()
  await writeFile(input, '{}')
  await expect(storeImport(address, { format: 'argilla', project: 'p', input })).rejects.toThrow(
    `${input}: expected a JSON array`,
  )
})

test('a store that is not there is neither exported nor moved, and none is made', async () => {
  const output = join(folder, 'all.jsonl')
  for (const address of [`sqlite:${join(folder, 'typo.db')}`, `jsonl:${join(folder, 'typo')}`]) {
    await expect(storeExport(address, { format: 'jsonl', output })).rejects.toThrow(
      `there is no store ${address}`,
    )
    await expect(storeMove(address, `jsonl:${join(folder, 'other')}`)).rejects.toThrow('there is no store')
  }
  expect(await readdir(folder)).toEqual([])
})
