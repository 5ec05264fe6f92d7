import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { loadPreferenceRecipe } from '../control/preference-recipe.ts'
import { loadControlRecipe } from '../control/recipe.ts'
import { loadTamerRecipe } from '../control/tamer/recipe.ts'
import { readTable } from '../data/read.ts'
import { hopefulness } from '../gold/hopeful.ts'
import { loadRecipe, parseRecipe } from './load.ts'

const files = readdirSync('recipes', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join('recipes', name))

const isControl = (file: string) => /^(control|tamer)-/.test(relative('recipes', file))

test.each(files.filter(isControl))('%s is a recipe of control', async (file) => {
  const isTamer = file.startsWith(join('recipes', 'tamer-'))
  const others = /preferences|people|backflip|pebble|demonstrations/.test(file)
    ? loadPreferenceRecipe
    : loadControlRecipe
  const load = isTamer ? loadTamerRecipe : others
  expect(file).toContain((await load(file)).name)
})

test.each(files.filter((file) => !isControl(file)))('%s is a recipe', async (file) => {
  const recipe = await loadRecipe(file)
  expect(file).toContain(recipe.name)
  expect(recipe.stages.length).toBeGreaterThan(0)
})

test('the hidden score prefers what the categories of reward-categories call chosen', async () => {
  const rows = await readTable(join('recipes', 'reward-categories', 'test.jsonl'))
  const about = rows.map(({ row }) => row.category as string)
  expect(new Set(about)).toEqual(new Set(['tone', 'length', 'recovery', 'repetition']))
  for (const { where, row } of rows) {
    const gap = hopefulness(row.chosen as string) - hopefulness(row.rejected as string)
    expect(gap, where).toBeGreaterThan(0)
  }
})

const rounds = (stages: string) => `name: x
stages:
  - { name: sft, stage: sft, model: base, data: rows.jsonl, steps: 1, batch_size: 1, learning_rate: 1 }
  - stage: rounds
    name: improve
    count: 3
    start: { policy: stage:sft }
    stages:
${stages}
  - { name: last, stage: sft, model: stage:policy, data: stage:sample, steps: 1, batch_size: 1, learning_rate: 1 }
`
const sample =
  '      - { name: sample, stage: best-of, model: previous:policy, prompts: p.jsonl, items: 10, completions: 4, max_new_tokens: 8, rewards: [{ kind: gold, gold: hopeful }] }'
const policy =
  '      - { name: policy, stage: sft, model: stage:sft, data: every:sample, steps: 1, batch_size: 1, learning_rate: 1 }'

test('rounds are written out: names, what came before, all data so far, the next prompts', () => {
  const { stages } = parseRecipe(rounds(`${sample}\n${policy}`), { path: 'recipe.yaml' })
  expect(stages.map(({ name }) => name)).toEqual([
    'sft',
    'sample-1',
    'policy-1',
    'sample-2',
    'policy-2',
    'sample-3',
    'policy-3',
    'last',
  ])
  const models = stages.map((stage) => ('model' in stage ? stage.model : undefined))
  expect(models).toEqual([
    'base',
    'stage:sft',
    'stage:sft',
    'stage:policy-1',
    'stage:sft',
    'stage:policy-2',
    'stage:sft',
    'stage:policy-3',
  ])
  expect(stages.flatMap((stage) => ('start' in stage ? [stage.start] : []))).toEqual([0, 10, 20])
  expect(stages[4]).toMatchObject({
    data: [
      { path: 'stage:sample-1', weight: 1 },
      { path: 'stage:sample-2', weight: 1 },
    ],
  })
  expect(stages.at(-1)).toMatchObject({ data: 'stage:sample-3' })
})

test.each([
  [sample.replace('previous:policy', 'previous:critic'), /'previous:critic' has no start; add it as start/],
  [sample.replace('items: 10', 'itms: 10'), /has no field 'itms'; did you mean 'items'/],
  [sample.replace('previous:policy', 'stage:nobody'), /'stage:nobody' names no earlier stage/],
  [
    sample.replace('kind: gold, gold: hopeful', 'kind: model, model: stage:no'),
    /rewards\.0\.model: 'stage:no' names/,
  ],
  [sample.replace('model: previous:policy', 'model: every:sample'), /stage 'sample-1', model: Invalid input/],
  [sample.replace('prompts: p.jsonl', 'prompts: stage:sft'), /prompts: expected a file or a table of a hub/],
])('a mistake in rounds %#', (stages, message) => {
  expect(() => parseRecipe(rounds(`${stages}\n${policy}`), { path: 'recipe.yaml' })).toThrow(message)
})

test('an online method whose loss sorts the batch does not cut it', () => {
  const text = `name: x
stages:
  - { name: online, stage: online, model: m, prompts: p.jsonl, max_new_tokens: 4, steps: 1, learning_rate: 1, batch_size: 4, micro_batch_size: 2,
      rewards: [{ kind: gold, gold: hopeful }], method: { kind: online_dpo, loss: { kind: aot } } }
`
  expect(() => parseRecipe(text, { path: 'recipe.yaml' })).toThrow(/AOT sorts over the whole batch/)
})

test.each([
  ['loss: { kind: aot }, micro_batch_size: 2, batch_size: 4', /AOT sorts over the whole batch/],
  ['sync_ref_model: {}, precompute_ref_log_probs: true, batch_size: 4', /cannot be asked beforehand/],
  ['sync_ref_model: {}, lora: {}, batch_size: 4', /the reference of a LoRA policy is its base/],
  ['loss: { kind: simpo }, sync_ref_model: {}, batch_size: 4', /sync_ref_model: this loss compares with no/],
  ['loss: { kind: orpo }, precompute_ref_log_probs: true, batch_size: 4', /compares with no reference/],
])('dpo with %s is refused', (fields, message) => {
  const text = `name: x
stages:
  - { name: dpo, stage: dpo, model: m, comparisons: c.jsonl, steps: 1, learning_rate: 1, ${fields} }
`
  expect(() => parseRecipe(text, { path: 'recipe.yaml' })).toThrow(message)
})

/** What is said about a recipe of one stage with these fields. */
const complaint =
  (fields: string, overrides: readonly string[] = []) =>
  () =>
    parseRecipe(
      `name: x\nstages:\n  - { name: only, ${fields}, steps: 1, learning_rate: 1, batch_size: 4 }\n`,
      {
        path: 'recipe.yaml',
        overrides,
      },
    )
const sft = 'stage: sft, model: m'
const sampled = 'model: m, prompts: p.jsonl, max_new_tokens: 4'
const ppo = `stage: ppo, ${sampled}, reward: r, kl: { controller: fixed, coefficient: 0 }`

test.each([
  [
    `${sft}, data: [{ path: stage:typo }]`,
    /stage 'only', data\.0\.path: 'stage:typo' names no earlier stage/,
  ],
  [
    `${sft}, data: [{ pth: q }]`,
    /recipe\.yaml:3: stages\.0\.data\.0\.path: .*\n.*data\.0 has no field 'pth'; did you mean 'path'\?$/,
  ],
  [`${sft}, data: 7`, /recipe\.yaml:3: stages\.0\.data: .*found 7$/],
  [`${sft}, data: d.jsonl, environment: CartPole-v1`, /has no field 'environment'$/],
  [
    `${ppo}, critic: shared, critic_learning_rate: 0.1`,
    /critic_learning_rate: a critic on the policy's trunk/,
  ],
  [
    `${ppo}, pretraining: { data: stage:typo, coefficient: 1, batch_size: 1 }`,
    /pretraining\.data: 'stage:typo' names/,
  ],
  [
    `stage: grpo, ${sampled}, rewards: [{ kind: gold, gold: hopeful }], kl: { in: reward, coefficient: 1, estimate: corrected_k3 }`,
    /kl\.estimate: the penalty in the reward is k1/,
  ],
])('%s is refused', (fields, message) => {
  expect(complaint(fields)).toThrow(message)
})

test.each([
  ['stages..steps=2', /there is no stage ''; the recipe has only/],
  ['stages.9.steps=2', /there is no stage '9'/],
  ['stages.only.steps=[2', /--set stages\.only\.steps=\[2: /],
])('--set %s is refused', (override, message) => {
  expect(complaint(`${sft}, data: d.jsonl`, [override])).toThrow(message)
})
