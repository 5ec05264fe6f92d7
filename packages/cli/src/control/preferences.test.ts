import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clipFolder } from './label/clip-folder.ts'
import { loadPreferenceRecipe } from './preference-recipe.ts'
import { trainOnPreferences } from './preferences.ts'
import { loadControlRecipe } from './recipe.ts'
import { trainControl } from './train.ts'

const recipes = new URL('../../../../recipes/', import.meta.url)
const pathOf = (name: string) => new URL(name, recipes).pathname

it('the recipes of preferences are valid', async () => {
  const names = (await readdir(recipes)).filter((name) =>
    /^control-.*(preferences|people|backflip|pebble|demonstrations)/.test(name),
  )
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) expect(`${(await loadPreferenceRecipe(pathOf(name))).name}.yaml`).toBe(name)
})

it('a recipe that explores for all its steps is refused', async () => {
  await expect(
    loadPreferenceRecipe(pathOf('control-pebble-pendulum.yaml'), ['pretraining_steps=7900']),
  ).rejects.toThrow('pretraining_steps is 7900, which leaves none of the 8000 total_steps for labels')
})

it('a recipe whose clips are longer than an iteration is refused', async () => {
  await expect(
    loadPreferenceRecipe(pathOf('control-pendulum-preferences.yaml'), ['clip_steps=600']),
  ).rejects.toThrow('clip_steps is 600, but an iteration has only 512 steps')
})

it('a demonstrator is of the same task, and of a learner that can imitate it', async () => {
  const runs = await mkdtemp(join(tmpdir(), 'attune-demonstrations-'))
  const options = { runs, resume: false, signal: new AbortController().signal }
  try {
    const small = ['total_steps=512', 'environments=1', 'evaluation_episodes=1', 'max_steps=20']
    const folder = await trainControl(
      await loadControlRecipe(pathOf('control-cartpole.yaml'), small),
      options,
    )
    const policy = `demonstrations.policy=${join(folder, 'policy')}`
    const recipe = pathOf('control-breakout-demonstrations.yaml')
    await expect(trainOnPreferences(await loadPreferenceRecipe(recipe, [policy]), options)).rejects.toThrow(
      'plays CartPole-v1, expected MinAtar/Breakout',
    )
    const gone = await loadPreferenceRecipe(recipe, ['demonstrations.policy=nowhere'])
    await expect(trainOnPreferences(gone, options)).rejects.toThrow('nowhere: not a saved policy')
    await expect(loadPreferenceRecipe(pathOf('control-pebble-pendulum.yaml'), [policy])).rejects.toThrow(
      "recipe has no field 'demonstrations'",
    )
    await expect(loadPreferenceRecipe(recipe, ['demonstrations.batch_size=3'])).rejects.toThrow(
      "demonstrations has no field 'batch_size'",
    )
  } finally {
    await rm(runs, { recursive: true, force: true })
  }
})

it('trains on labels of a simulation and goes on with them; labels of people are never overwritten', async () => {
  const runs = await mkdtemp(join(tmpdir(), 'attune-preferences-'))
  const small = [
    'steps=64',
    'minibatches=4',
    'epochs=1',
    'clip_steps=10',
    'evaluation_episodes=1',
    'max_steps=50',
  ]
  const at = (...more: string[]) =>
    loadPreferenceRecipe(pathOf('control-pendulum-preferences.yaml'), [...small, ...more])
  const options = { runs, resume: false, signal: new AbortController().signal }
  try {
    const folder = await trainOnPreferences(await at('total_steps=768', 'labels=12'), options)
    const metrics = async () =>
      (await readFile(join(folder, 'metrics.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect((await metrics()).map((row) => row.step)).toEqual([1, 2, 3])
    expect(await readdir(folder)).not.toContain('_replaced')
    expect((await metrics()).at(-1)['labels/given']).toBe(12)
    await trainOnPreferences(await at('total_steps=1280', 'labels=16'), { ...options, resume: true })
    const resumed = await metrics()
    expect(resumed.map((row) => row.step)).toEqual([1, 2, 3, 4, 5])
    expect(resumed.at(-1)['labels/given']).toBeGreaterThan(12)

    const clips = await clipFolder(folder)
    const first = (await clips.labels())[0]!
    await clips.label({ ...first, id: 'mine', annotator: { id: 'me', source: 'person' } })
    const before = await readFile(join(folder, 'labels.jsonl'), 'utf8')
    await expect(trainOnPreferences(await at('total_steps=768', 'labels=12'), options)).rejects.toThrow(
      'holds 1 labels of people: go on with them by --resume',
    )
    expect(await readFile(join(folder, 'labels.jsonl'), 'utf8')).toBe(before)
  } finally {
    await rm(runs, { recursive: true, force: true })
  }
})

it('learns from first labels that a person gave while it was stopped', async () => {
  const runs = await mkdtemp(join(tmpdir(), 'attune-people-'))
  const small = [
    'environments=1',
    'steps=64',
    'minibatches=4',
    'epochs=1',
    'clip_steps=10',
    'total_steps=192',
  ]
  const few = ['labels=3', 'first_share=1', 'first_labels=3', 'evaluation_episodes=1', 'max_steps=50']
  const recipe = await loadPreferenceRecipe(pathOf('control-pendulum-people.yaml'), [...small, ...few])
  const run = (resume: boolean, signal: AbortSignal) => trainOnPreferences(recipe, { runs, resume, signal })
  try {
    await expect(run(false, AbortSignal.abort())).rejects.toThrow('stopped after iteration 1')
    const clips = await clipFolder(join(runs, recipe.name))
    const queries = await clips.queries()
    expect(queries).toHaveLength(3)
    for (const { item, clips: shown } of queries)
      await clips.label({
        kind: 'clip-comparison',
        id: `answer to ${item}`,
        item,
        annotator: { id: 'me', source: 'person' },
        time: '2026-01-01T00:00:00Z',
        protocol: 'clips',
        clips: shown,
        preferred: 0,
      })
    const folder = await run(true, new AbortController().signal)
    const rows = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trim().split('\n')
    const last = JSON.parse(rows.at(-1)!)
    expect([last['labels/given'], last['labels/gone']]).toEqual([3, 0])

    // As after a kill before the first checkpoint: what was asked is not asked again.
    for (const name of ['checkpoints', 'policy', 'evaluation.json'])
      await rm(join(folder, name), { recursive: true })
    await run(true, new AbortController().signal)
    expect(await clips.queries()).toEqual(queries)
  } finally {
    await rm(runs, { recursive: true, force: true })
  }
})
