import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parseRecipe } from '../src/recipe/load.ts'
import { runRecipe } from '../src/run/run-recipe.ts'
import { workspace } from './workspace.ts'

test('a stage that goes on counts the seconds of its earlier processes', async () => {
  const place = await workspace()
  const recipe = parseRecipe(
    `name: two\nthreads: 1\nstages:\n  - { name: sft, stage: sft, model: ${place.path('model')}, data: ${place.path('rows.jsonl')}, steps: 60, batch_size: 4, learning_rate: 0.01 }\n`,
    { path: 'recipe' },
  )
  const stopping = new AbortController()
  const runs = place.path('runs')
  const first = runRecipe(recipe, { runs, resume: false, signal: stopping.signal })
  const stopped = expect(first).rejects.toThrow(/stopped after step \d+ of sft/)
  while (!existsSync(place.path('runs/two/sft/hash'))) await sleep(5)
  stopping.abort()
  await stopped
  const marker = place.path('runs/two/sft/hash')
  const noted = JSON.parse(await readFile(marker, 'utf8'))
  expect(noted).toMatchObject({ seconds: expect.any(Number) })
  await writeFile(marker, JSON.stringify({ ...noted, seconds: 1000 }))
  const { signal } = new AbortController()
  const { done } = await runRecipe(recipe, { runs, resume: true, signal })
  expect(done.sft!.seconds).toBeGreaterThanOrEqual(1000)
  expect(JSON.parse(await readFile(place.path('runs/two/sft/done.json'), 'utf8')).seconds).toBe(
    done.sft!.seconds,
  )
  await place.remove()
})
