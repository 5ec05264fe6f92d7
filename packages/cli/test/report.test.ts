import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { writeReport } from '../src/commands/report.ts'
import { gatherReport } from '../src/report/gather.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-report-'))
})
afterAll(() => rm(folder, { recursive: true }))

const training = { steps: 3, batch_size: 2, learning_rate: 1e-3 }

async function run(name: string, files: Record<string, string>): Promise<string> {
  const path = join(folder, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(path, file, '..'), { recursive: true })
    await writeFile(join(path, file), text)
  }
  return path
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

test('a run of one stage that is still going: its curves, and nothing that is not there', async () => {
  const recipe = stringify({
    name: 'one',
    stages: [{ stage: 'sft', name: 'sft', model: 'm', data: 'd.jsonl', ...training }],
  })
  const log = `${lines([
    { step: 1, loss: 3, seconds: 1 },
    { step: 2, loss: 2.5, seconds: 2 },
    { step: 3, loss: null, seconds: 3 },
  ])}{"step":4,"lo`
  const page = await readFile(
    await writeReport(await run('one', { 'recipe.yaml': recipe, 'sft/metrics.jsonl': log })),
    'utf8',
  )
  expect(page).toContain('the loss went from 3.00 to <strong>2.50</strong>')
  expect(page).toMatch(/<svg[^>]*chart-sft-loss/)
  for (const absent of ['id="samples"', 'id="frontier"', 'id="reward"', 'NaN', 'undefined']) {
    expect(page).not.toContain(absent)
  }
})

test.each([
  [
    'control',
    { name: 'x', environment: 'CartPole-v1' },
    /a run of control has no report; `attune track` shows/,
  ],
  [
    'older',
    { name: 'x', stages: [{ stage: 'sft', name: 'sft', model: 'm', data: 'd.jsonl', ...training, lr: 1 }] },
    /older.recipe\.yaml:\d+: stages\.0 has no field 'lr'/,
  ],
])('%s: a recipe that no report can be made of is told in words', async (name, recipe, message) => {
  const folder = await run(name, { 'recipe.yaml': stringify(recipe) })
  await expect(writeReport(folder)).rejects.toThrow(message)
})

test('a whole run: verdict, frontier, samples escaped, and nothing loaded from anywhere', async () => {
  const recipe = stringify({
    name: 'whole',
    stages: [
      { stage: 'reward', name: 'reward', model: 'm', comparisons: 'c.jsonl', ...training },
      {
        ...{ stage: 'evaluate', name: 'evaluate', before: 'a', after: 'b', reward: 'r', prompts: 'p' },
        ...{ items: 2, max_new_tokens: 4, gold: 'hopeful' },
      },
    ],
  })
  const scored = (text: string, gold: number) => ({ text, gold, reward: gold })
  const evaluation = {
    winRate: { value: 0.8125, low: 0.7, high: 0.9 },
    ...{ kl: 7.25, goldBefore: 0.1, goldAfter: 0.4 },
    bestOf: [
      { n: 1, kl: 0, gold: 0.1 },
      { n: 4, kl: 0.64, gold: 0.2 },
    ],
    samples: [
      { prompt: '<script>alert(1)</script>', before: scored('a & b', 0), after: scored('"peace"', 1) },
    ],
  }
  const heldOut = {
    ...{ rewardAccuracy: 0.75, rewardAccuracyBefore: 0.525, allowedAccuracy: 0.8, pairs: 40 },
    samples: [
      {
        prompt: 'Is it safe?',
        chosen: { text: 'yes <b>', before: 0, after: 1.5 },
        rejected: { text: 'no', before: 0.25, after: -2 },
      },
    ],
    calibration: {
      bins: [{ low: 0.5, high: 0.6, predicted: 0.55, observed: 0.5, count: 40 }],
      error: 0.05,
    },
  }
  const path = await run('whole', {
    'recipe.yaml': recipe,
    'reward/held-out.json': JSON.stringify(heldOut),
    'reward/done.json': JSON.stringify({ hash: 'x', seconds: 12, summary: {} }),
    'evaluate/evaluation.json': JSON.stringify(evaluation),
    'evaluate/done.json': JSON.stringify({ hash: 'x', seconds: 3, summary: {} }),
    'environment.json': JSON.stringify({ processor: 'the one that trained' }),
    'summary.json': '{}',
  })
  const page = await readFile(await writeReport(path), 'utf8')
  expect(page).toContain('<dd>the one that trained</dd>')
  expect(page).toMatch(/Finished<.dt><dd>\d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  expect(page).toContain('81')
  expect(page).toContain('7.25 nats')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('&quot;peace&quot;')
  expect(page).toContain('best of 4')
  expect(page).toContain('52.5')
  expect(page).toContain('yes &lt;b&gt;')
  expect(page).toContain('93.8')
  expect(page.match(/<script>alert/)).toBeNull()
  expect(page.match(/(?:src|href)="(?!#)[^"]*"/g)).toBeNull()
})

test('the way from the starting policy is that of the stage whose reference it is, not of later rounds', async () => {
  const numbers = { prompts: 'p', reward: 'r', max_new_tokens: 4 }
  const ppo = (name: string, model: string) => ({
    ...{ stage: 'ppo', name, model, kl: { controller: 'fixed', coefficient: 0.05 } },
    ...{ ...numbers, ...training },
  })
  const evaluate = { stage: 'evaluate', name: 'evaluate', before: 'a', after: 'b', items: 2, gold: 'hopeful' }
  const stages = [ppo('first', 'a'), ppo('second', 'stage:first'), { ...evaluate, ...numbers }]
  const row = (kl: number) => lines([{ step: 1, 'objective/kl': kl, 'gold/score': 0.5, seconds: 1 }])
  const path = await run('rounds', {
    'recipe.yaml': stringify({ name: 'rounds', stages }),
    'first/metrics.jsonl': row(1.25),
    'second/metrics.jsonl': row(9.5),
    'evaluate/evaluation.json': JSON.stringify({
      kl: 7,
      goldBefore: 0,
      goldAfter: 1,
      bestOf: [],
      samples: [],
    }),
  })
  const { frontier, commands } = await gatherReport(path)
  expect(frontier!.training).toEqual([{ kl: 1.25, gold: 0.5 }])
  const [, written] = /^attune run (.*) --runs again$/.exec(commands![0]!)!
  expect(resolve(written!)).toBe(join(path, 'recipe.yaml'))
})

test('a folder that is not a run', async () => {
  await expect(writeReport(join(folder, 'nowhere'))).rejects.toThrow(/nowhere: there is no recipe.yaml/)
})
