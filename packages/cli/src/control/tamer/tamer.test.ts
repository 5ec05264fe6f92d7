import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTamerRecipe } from './recipe.ts'
import { signalFile } from './signal-file.ts'
import { type TamerRunOptions, trainTamer } from './train.ts'

const recipes = new URL('../../../../../recipes/', import.meta.url)
const pathOf = (name: string) => new URL(name, recipes).pathname

let runs: string
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'attune-tamer-'))
})
afterEach(() => rm(runs, { recursive: true, force: true }))

const options = (more: Partial<TamerRunOptions> = {}): TamerRunOptions => ({
  runs,
  resume: false,
  signal: new AbortController().signal,
  ...more,
})
const bits = (folder: string) => readFile(join(folder, 'model', 'human-reward.safetensors'))
const rows = async (folder: string, name: string) =>
  (await readFile(join(folder, name), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('recipes', () => {
  it('of TAMER are valid, and their names are those of their files', async () => {
    const names = (await readdir(recipes)).filter((name) => name.startsWith('tamer-'))
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) expect(`${(await loadTamerRecipe(pathOf(name))).name}.yaml`).toBe(name)
  })

  it('that cannot work are refused with the reason', async () => {
    const load = (...set: string[]) => loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), set)
    await expect(load('environment=Acrobot-v1')).rejects.toThrow('no simulated trainer for Acrobot-v1')
    await expect(load('environment=Tetris')).rejects.toThrow("Tetris needs 'well'")
    await expect(load('delay.low=0.7')).rejects.toThrow('delay is from 0.7 to 0.6 s')
    await expect(load('memory=0.3')).rejects.toThrow('a memory of 0.3 s holds 24 % of the delays')
    await expect(load('trainer.kind=ghost')).rejects.toThrow(/tamer-mountain-car\.yaml.*trainer/)
    const cart = await loadTamerRecipe(pathOf('tamer-cartpole-people.yaml'), [
      'trainer.kind=simulated',
      'features.low=[-1,-1]',
    ])
    await expect(trainTamer(cart, options())).rejects.toThrow(
      'features.low has 2 numbers, CartPole-v1 observes 4',
    )
  })
})

describe('a simulated trainer', () => {
  it('teaches by the recipe, and its record makes the same model to the same bits', async () => {
    const recipe = await loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), ['episodes=6'])
    const folder = await trainTamer(recipe, options())
    const [model, metrics] = [await bits(folder), await rows(folder, 'metrics.jsonl')]
    expect(JSON.parse(await readFile(join(folder, 'evaluation.json'), 'utf8')).mean).toBeGreaterThan(-600)
    const { steps } = await signalFile(folder)
    expect(steps.flatMap(({ signals }) => signals).length).toBe(
      metrics.reduce((total, row) => total + row['tamer/signals'], 0),
    )
    await rm(join(folder, 'model'), { recursive: true })
    await trainTamer(recipe, options({ refit: true }))
    expect((await bits(folder)).equals(model)).toBe(true)
    expect(await rows(folder, 'metrics.jsonl')).toEqual(metrics)

    const other = await loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), ['episodes=6', 'seed=2'])
    const kept = await readFile(join(folder, 'recipe.yaml'), 'utf8')
    await expect(trainTamer(other, options({ refit: true }))).rejects.toThrow(/cannot go on.*seed/)
    const fewer = await loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), ['episodes=2'])
    await expect(trainTamer(fewer, options({ refit: true }))).rejects.toThrow(/cannot go on.*episodes/)
    expect(await rows(folder, 'metrics.jsonl')).toEqual(metrics)
    expect(await readFile(join(folder, 'recipe.yaml'), 'utf8')).toBe(kept)
  })

  it('that would need more weights than there can be is refused', async () => {
    const recipe = await loadTamerRecipe(pathOf('tamer-mountain-car.yaml'), ['episodes=1'])
    const game = {
      ...recipe,
      environment: 'MinAtar/Breakout',
      trainer: { kind: 'person' } as const,
    }
    await expect(trainTamer(game, options())).rejects.toThrow('MinAtar/Breakout observes 400 numbers')
  })
})

describe('a person', () => {
  const person = () =>
    loadTamerRecipe(pathOf('tamer-mountain-car-people.yaml'), [
      'seconds_per_step=0.02',
      'evaluation_episodes=1',
    ])

  /** Trains with these signals, each after some steps, and ends. */
  async function session(values: readonly number[], more: Partial<TamerRunOptions> = {}): Promise<string> {
    const recipe = await person()
    let training = Promise.resolve('')
    const url = await new Promise<string>((resolve, reject) => {
      training = trainTamer(recipe, options({ onPage: resolve, ...more }))
      training.catch(reject)
    })
    const post = (path: string, body: object) =>
      fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) })
    await post('/api/pace', { paused: false })
    for (const [i, value] of values.entries()) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      const sent = { id: `${url}${i}`, value, ago: 0 }
      expect((await post('/api/signals', sent)).status).toBe(200)
      if (i === 0) await post('/api/signals', sent) // sent again: it counts once
    }
    expect((await post('/api/signals', { id: 'x', value: 3, ago: 0 })).status).toBe(400)
    await post('/api/stop', {})
    return training
  }

  it('is learnt from, goes on later, and the file alone makes the model to the same bits', async () => {
    const folder = await session([1, -1, 1])
    const first = await bits(folder)
    expect((await signalFile(folder)).steps.flatMap(({ signals }) => signals).length).toBe(3)
    await trainTamer(await person(), options({ refit: true }))
    expect((await bits(folder)).equals(first)).toBe(true)

    await expect(trainTamer(await person(), options())).rejects.toThrow(
      'holds 3 signals of a person: go on with them by --resume',
    )
    const simulated = await loadTamerRecipe(pathOf('tamer-mountain-car-people.yaml'), [
      'trainer.kind=simulated',
    ])
    for (const resume of [false, true])
      await expect(trainTamer(simulated, options({ resume }))).rejects.toThrow('3 signals of a person')
    // A process killed in the middle of a step, and of a line: the signal was acknowledged, the line was not.
    const { steps, time, path } = await signalFile(folder)
    await appendFile(
      path,
      `{"kind":"signal","id":"k","step":${steps.length},"time":${time},"value":-1}\n{"ki`,
    )
    await session([1, 1], { resume: true })
    const record = await signalFile(folder)
    expect(record.steps.flatMap(({ signals }) => signals).map(({ value }) => value)).toEqual([
      1, -1, 1, -1, 1, 1,
    ])
    expect(record.steps.length).toBeGreaterThan(steps.length)
    for (const [i, step] of record.steps.entries()) {
      expect(step.end).toBeGreaterThanOrEqual(step.start)
      if (i > 0) expect(step.start).toBe(record.steps[i - 1]!.end)
    }
    const second = await bits(folder)
    expect(second.equals(first)).toBe(false)
    await trainTamer(await person(), options({ refit: true }))
    expect((await bits(folder)).equals(second)).toBe(true)
  })

  it('whose file is broken hears which line', async () => {
    const folder = await session([1])
    const { path, steps } = await signalFile(folder)
    await appendFile(path, `{"kind":"step","step":${steps.length + 1},"action":0,"start":0,"end":1}\n`)
    await expect(signalFile(folder)).rejects.toThrow(
      /signals\.jsonl, line \d+: step \d+ follows \d+ steps; a line is missing/,
    )
    await appendFile(path, '{"kind":"signal","id":"z","step":0,"time":0,"value":"good"}\n')
    await expect(trainTamer(await person(), options({ resume: true }))).rejects.toThrow(/line \d+: /)
  })
})
