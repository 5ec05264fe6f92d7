import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockRun } from '../run/lock.ts'
import { loadPreferenceRecipe } from './preference-recipe.ts'
import { trainOnPreferences } from './preferences.ts'
import { loadControlRecipe } from './recipe.ts'
import { loadTamerRecipe } from './tamer/recipe.ts'
import { trainTamer } from './tamer/train.ts'
import { trainControl } from './train.ts'

const pathOf = (name: string) => new URL(`../../../../recipes/${name}`, import.meta.url).pathname
const { signal } = new AbortController()

test('a run that a process works on is left whole when another starts it anew', async () => {
  const runs = await mkdtemp(join(tmpdir(), 'attune-control-lock-'))
  const options = { runs, resume: false, signal }
  const set = ['name=busy']
  const control = await loadControlRecipe(pathOf('control-cartpole.yaml'), set)
  const preferences = await loadPreferenceRecipe(pathOf('control-pendulum-preferences.yaml'), set)
  const tamer = await loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), set)
  const folder = join(runs, 'busy')
  await mkdir(folder)
  const release = await lockRun(folder)
  await writeFile(join(folder, 'signals.jsonl'), 'kept')
  for (const start of [
    () => trainControl(control, options),
    () => trainOnPreferences(preferences, options),
    () => trainTamer(tamer, options),
  ])
    await expect(start()).rejects.toThrow(`process ${process.pid} has this run open`)
  expect(await readFile(join(folder, 'signals.jsonl'), 'utf8')).toBe('kept')
  await release()
  await rm(runs, { recursive: true })
})
