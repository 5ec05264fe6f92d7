import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseRecipe } from './load.ts'
import { checkSources, sourcesOf } from './sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-sources-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const data = join(folder, 'rows.jsonl')
writeFileSync(data, '')

const { stages } = parseRecipe(
  `name: x
stages:
  - { name: sft, stage: sft, model: ${folder}, data: ${data}, steps: 1, batch_size: 1, learning_rate: 1 }
  - name: ppo
    stage: ppo
    model: stage:sft
    reward: reward
    prompts: ${data}
    steps: 1
    batch_size: 1
    max_new_tokens: 1
    learning_rate: 1
    kl: { controller: fixed, coefficient: 0 }
    pretraining: { data: mix.jsonl, coefficient: 1, batch_size: 1 }
`,
  { path: 'recipe.yaml' },
)

test('the fields that name files are found, nested ones too', () => {
  expect(stages.map(sourcesOf)).toEqual([
    expect.arrayContaining([
      ['model', folder],
      ['data', data],
    ]),
    expect.arrayContaining([
      ['model', 'stage:sft'],
      ['reward', 'reward'],
      ['prompts', data],
      ['pretraining.data', 'mix.jsonl'],
    ]),
  ])
  expect(stages.flatMap(sourcesOf)).toHaveLength(6)
})

test('the first that is not there is named with its stage and field', async () => {
  const [sft, ppo] = stages as [(typeof stages)[0], (typeof stages)[0]]
  await expect(checkSources([sft])).resolves.toBeUndefined()
  await expect(checkSources(stages)).rejects.toThrow("ppo.reward: there is no file or folder 'reward'")
  await expect(checkSources([{ ...ppo, reward: data } as typeof ppo])).rejects.toThrow(
    "ppo.pretraining.data: there is no file or folder 'mix.jsonl'",
  )
})
