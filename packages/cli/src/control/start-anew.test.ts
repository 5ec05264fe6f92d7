import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clipFolder } from './label/clip-folder.ts'
import { loadPolicy } from './policy.ts'
import { loadPreferenceRecipe } from './preference-recipe.ts'
import { trainOnPreferences } from './preferences.ts'
import { loadControlRecipe } from './recipe.ts'
import { trainControl } from './train.ts'

const recipes = new URL('../../../../recipes/', import.meta.url)
const pathOf = (name: string) => new URL(name, recipes).pathname
const small = ['name=mine', 'total_steps=128', 'steps=64', 'environments=1', 'minibatches=4', 'epochs=1']
let runs: string
const options = () => ({ runs, resume: false, signal: new AbortController().signal })
const cartPole = async (...more: string[]) =>
  trainControl(
    await loadControlRecipe(pathOf('control-cartpole.yaml'), [...small, 'evaluation_episodes=1', ...more]),
    options(),
  )

beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'attune-anew-'))
})
afterEach(() => rm(runs, { recursive: true, force: true }))

it('no command of control starts anew where a person has given labels or signals', async () => {
  const clips = await clipFolder(join(runs, 'mine'))
  await clips.label({
    kind: 'clip-comparison',
    id: '1',
    item: 'a b',
    annotator: { id: 'me', source: 'person' },
    time: '2026-01-01T00:00:00Z',
    protocol: 'clips',
    clips: ['a', 'b'],
    preferred: 0,
  })
  await expect(cartPole()).rejects.toThrow('holds 1 labels of people: go on with them by --resume')
  expect(await readdir(join(runs, 'mine'))).not.toContain('_replaced')

  await rm(join(runs, 'mine', 'labels.jsonl'))
  const lines = [
    { kind: 'signal', id: '1', step: 0, time: 0.1, value: 1 },
    { kind: 'step', step: 0, action: 1, start: 0, end: 0.2 },
  ]
  await writeFile(
    join(runs, 'mine', 'signals.jsonl'),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  )
  const preferences = await loadPreferenceRecipe(pathOf('control-pendulum-preferences.yaml'), ['name=mine'])
  for (const start of [cartPole, () => trainOnPreferences(preferences, options())])
    await expect(start()).rejects.toThrow('holds 1 signals of a person')
  await writeFile(join(runs, 'mine', 'recipe.yaml'), 'trainer: { kind: simulated }\n')
  await cartPole()
  expect(await readdir(join(runs, 'mine', '_replaced'))).toContain('signals.jsonl')
})

it('a start that fails leaves what is there, and ends, with worker threads too', async () => {
  await cartPole()
  const before = await readdir(join(runs, 'mine'))
  const recipe = await loadControlRecipe(pathOf('control-pendulum-sac.yaml'), ['name=mine', 'workers=1'])
  const wrong = trainControl({ ...recipe, environment: 'CartPole-v1' }, options())
  await expect(wrong).rejects.toThrow('sac needs numbers as actions')
  const demonstrated = await loadPreferenceRecipe(pathOf('control-breakout-demonstrations.yaml'), [
    'name=mine',
    'demonstrations.policy=nowhere',
  ])
  await expect(trainOnPreferences(demonstrated, options())).rejects.toThrow('nowhere: not a saved policy')
  expect(await readdir(join(runs, 'mine'))).toEqual(before)
})

it('as many episodes are evaluated as the recipe says', async () => {
  for (const episodes of [1, 7, 15]) {
    const folder = await cartPole(`evaluation_episodes=${episodes}`)
    const { returns } = JSON.parse(await readFile(join(folder, 'evaluation.json'), 'utf8'))
    expect(returns).toHaveLength(episodes)
  }
})

it('a policy that is not what its card says is refused', async () => {
  const folder = join(await cartPole(), 'policy')
  const card = JSON.parse(await readFile(join(folder, 'policy.json'), 'utf8'))
  const broken = async (change: object) => {
    await writeFile(join(folder, 'policy.json'), JSON.stringify({ ...card, ...change }))
    return expect(loadPolicy(folder)).rejects
  }
  await (await broken({ environment: 'Acrobot-v1' })).toThrow(
    /does not fit policy\.json, a mlp of Acrobot-v1: the saved '.*' is missing or of another size/,
  )
  await (await broken({ network: { kind: 'mlp', hidden: [8, 8] } })).toThrow('does not fit policy.json')
  await (await broken({ environment: undefined })).toThrow('policy.json: environment: Invalid option')
})
