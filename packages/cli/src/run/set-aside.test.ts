import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Stage } from '../recipe/schema.ts'
import { fingerprints } from './fingerprint.ts'
import { setRunAside, setStaleAside } from './set-aside.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-aside-'))
})
afterEach(() => rm(folder, { recursive: true }))

const stage = (steps: number) =>
  ({ stage: 'sft', name: 'sft', model: 'm', data: join(folder, 'rows.jsonl'), steps }) as unknown as Stage

/** A stage that was stopped after its first checkpoint. */
async function begun(): Promise<void> {
  await mkdir(join(folder, 'sft/checkpoints/step-40'), { recursive: true })
  await writeFile(join(folder, 'sft/hash'), JSON.stringify({ hash: 'first' }))
  await writeFile(join(folder, 'recipe.yaml'), stringify({ stages: [stage(100)] }))
}

const kept = () => readFile(join(folder, '_replaced/sft/hash'), 'utf8')

test('a stage that goes on stays; one that starts anew is kept aside', async () => {
  await begun()
  await setStaleAside([{ stage: stage(100), hash: 'first' }], { folder, resume: true })
  expect(await readFile(join(folder, 'sft/hash'), 'utf8')).toContain('first')
  await setStaleAside([{ stage: stage(100), hash: 'first' }], { folder, resume: false })
  expect(await kept()).toContain('first')
  await expect(readFile(join(folder, 'sft/hash'))).rejects.toThrow('ENOENT')
})

test('an interrupted stage whose recipe has changed is not gone on with, and nothing is moved', async () => {
  await begun()
  const due = [{ stage: stage(40), hash: 'second' }]
  await expect(setStaleAside(due, { folder, resume: true })).rejects.toThrow(
    'sft: cannot go on, because steps was 100 and is 40.',
  )
  const other = [{ stage: stage(100), hash: 'second' }]
  await expect(setStaleAside(other, { folder, resume: true })).rejects.toThrow(
    'what its files hold has changed',
  )
  expect(await readFile(join(folder, 'sft/hash'), 'utf8')).toContain('first')
})

test('a finished stage that has changed is run again with --resume too', async () => {
  await begun()
  await writeFile(join(folder, 'sft/done.json'), '{}')
  await setStaleAside([{ stage: stage(40), hash: 'second' }], { folder, resume: true })
  expect(await kept()).toContain('first')
})

test("a run's folder is set aside but for its lock, and only the last one is kept", async () => {
  for (const content of ['one', 'two']) {
    await writeFile(join(folder, 'lock'), '')
    await writeFile(join(folder, content), content)
    await setRunAside(folder)
  }
  await expect(readFile(join(folder, '_replaced/one'))).rejects.toThrow('ENOENT')
  expect(await readFile(join(folder, '_replaced/two'), 'utf8')).toBe('two')
  expect(await readFile(join(folder, 'lock'), 'utf8')).toBe('')
})

test('what a stage learns from is part of what it is: a changed row changes its fingerprint', async () => {
  const path = join(folder, 'rows.jsonl')
  await writeFile(path, '{"text":"a"}\n')
  const before = await fingerprints(stage(1))
  expect(await fingerprints(stage(2))).toEqual(before)
  await writeFile(path, '{"text":"b"}\n')
  const after = await fingerprints(stage(1))
  expect(after[path]).not.toBe(before[path])
  expect(before).toHaveProperty(path, expect.stringMatching(/^[0-9a-f]{16}$/))
})
