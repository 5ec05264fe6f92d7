import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { liveEvents } from '../events.ts'
import { runs } from './runs.ts'

test('a run that ended before it had its recipe is resumed with the overrides of its order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-runs-'))
  const attune = [process.execPath, '-e', 'console.log(...process.argv.slice(1))', '--']
  const made = runs({ folder, attune, events: liveEvents() })
  const said = async (lines: number) => {
    for (;;) {
      const log = await readFile(join(folder, 'runs/one/log.txt'), 'utf8')
      if (log.split('\n').length > lines) return log.trim().split('\n').at(-1)
      await wait(20)
    }
  }
  const ended = async () => {
    while ((await made.get('one')).state === 'running') await wait(20)
  }
  await made.start({ name: 'one', recipe: 'name: one', overrides: ['a=1', 'b=2'] })
  expect(await said(1)).toBe('run runs/one/started.yaml --set a=1 --set b=2 --runs runs')
  await ended()
  await made.resume('one')
  expect(await said(2)).toBe('run runs/one/started.yaml --set a=1 --set b=2 --resume --runs runs')
  await ended()
  await writeFile(join(folder, 'runs/one/recipe.yaml'), 'name: one')
  await made.resume('one')
  expect(await said(3)).toBe('run runs/one/recipe.yaml --resume --runs runs')
  await ended()
  await rm(folder, { recursive: true })
})
