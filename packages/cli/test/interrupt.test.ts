import { cpu } from '@attune/grad'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseRecipe } from '../src/recipe/load.ts'
import { runRecipe } from '../src/run/run-recipe.ts'
import { runStage } from '../src/stages/run-stage.ts'
import { workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>
beforeAll(async () => {
  place = await workspace()
})
afterAll(() => place.remove())

const stopped = AbortSignal.abort()
const recipe = () => {
  const [model, prompts] = [place.path('model'), place.path('rows.jsonl')]
  const stage = `model: ${model}, prompts: ${prompts}, items: 8, batch_size: 4, max_new_tokens: 2`
  return parseRecipe(
    `name: stopped
threads: 1
stages:
  - { name: score, stage: score, ${stage}, rewards: [{ kind: gold, gold: hopeful }] }
`,
    { path: 'recipe.yaml' },
  )
}

test('a run that is told to stop begins no further stage', async () => {
  const running = runRecipe(recipe(), { runs: place.path('runs'), resume: false, signal: stopped })
  await expect(running).rejects.toMatchObject({
    name: 'Interrupted',
    message: expect.stringMatching('stopped before score'),
  })
  await expect(place.read('runs/stopped/score/hash')).rejects.toThrow('ENOENT')
})

test('scoring stops after a batch', async () => {
  const context = {
    name: 'score',
    folder: place.path('x'),
    runFolder: place.path('.'),
    seed: 0,
    resume: false,
  }
  const scoring = runStage(recipe().stages[0]!, { ...context, device: cpu({ threads: 1 }), signal: stopped })
  await expect(scoring).rejects.toMatchObject({
    name: 'Interrupted',
    message: expect.stringMatching('stopped while scoring'),
  })
})
