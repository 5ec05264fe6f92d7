import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { takeLock } from '@attune/feedback/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun, runProcess } from './folder.ts'

let runs: string
beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'attune-runs-'))
  await mkdir(join(runs, 'one'))
  await writeFile(join(runs, 'one', 'recipe.yaml'), 'stages: [{ name: sft, stage: sft }]')
})
afterAll(() => rm(runs, { recursive: true }))

test('a run is running while its lock’s own process lives, not a later one of the same number', async () => {
  const lock = join(runs, 'one', 'lock')
  const release = await takeLock(lock)
  expect(await runProcess(runs, 'one')).toBe(process.pid)
  expect(await readRun(runs, 'one')).toMatchObject({ state: 'running' })
  const owner = JSON.parse(await readFile(lock, 'utf8'))
  await release()
  for (const earlier of [
    { ...owner, boot: 'an earlier one' },
    { ...owner, start: '1' },
  ]) {
    await writeFile(lock, JSON.stringify(earlier))
    expect(await runProcess(runs, 'one')).toBeNull()
    expect(await readRun(runs, 'one')).toMatchObject({ state: 'stopped' })
  }
})
