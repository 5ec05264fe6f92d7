import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Model, newModel, parseConfig, tokenizer, trainBpe } from '@attune/lm'
import { finalAnswer } from '@attune/rlhf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRecipe } from '../recipe/load.ts'
import { rewardPart } from '../recipe/reward-part.ts'
import type { GrpoStage } from '../recipe/schema.ts'
import type { StageContext } from '../run/context.ts'
import { type AskedPrompt, readAsked } from './asked.ts'
import { recipeReward } from './rewards.ts'

/** Rows in GSM8K's format: sums in double angle brackets, the answer behind four hashes. */
const rows = [
  {
    question: 'Mia picks 6 plums a day. How many plums does she have after a week, if she eats 5?',
    answer: 'In a week Mia picks 6*7=<<6*7=42>>42 plums.\nShe has 42-5=<<42-5=37>>37 plums left.\n#### 37',
  },
  {
    question: 'A ferry earns $1,150 on each of 2 trips and pays $2,400 for fuel. What is its profit?',
    answer:
      'It earns 2*1150=$<<2*1150=2300>>2,300.\nIts profit is 2300-2400=$<<2300-2400=-100>>-100.\n#### -100',
  },
  {
    question: 'A town of 800 houses grows by half, and each house has 3 lamps. How many lamps are there?',
    answer: '800*1.5=<<800*1.5=1200>>1200 houses.\n1200*3=<<1200*3=3600>>3600 lamps.\n#### 3,600',
  },
]

const rewardParts = (parts: readonly object[]) => parts.map((part) => rewardPart.parse(part))

let folder = ''
let policy: Model
let asked: AskedPrompt[]
let stage: GrpoStage
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gsm8k-'))
  const path = join(folder, 'rows.jsonl')
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const bytes = trainBpe(['a b'], { vocabularySize: 260, specialTokens: ['<|endoftext|>'] })
  const config = parseConfig(
    { model_type: 'gpt2', vocab_size: 260, n_positions: 512, n_embd: 8, n_layer: 1, n_head: 1 },
    'tiny',
  )
  policy = newModel(config, { tokenizer: tokenizer(bytes, {}), seed: 0 })
  asked = await readAsked(path, policy, 8)
  const recipe = await loadRecipe('recipes/grpo-gsm8k.yaml')
  stage = recipe.stages.find((each) => each.stage === 'grpo')!
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the question is the prompt, and the answer behind the hashes is the one to find', () => {
  expect(asked.map(({ ids }) => policy.tokenizer.decode(ids))).toEqual(
    rows.map(({ question }) => `${question}\n`),
  )
  expect(rows.map(({ answer }) => finalAnswer(answer))).toEqual([37, -100, 3600])
})

test.each([
  [0, rows[0]!.answer, 1.1],
  [1, rows[1]!.answer, 1.1],
  [2, 'There are 1200 houses.\n#### 3600', 1.1], // the same number, written otherwise
  [0, 'She has 37 plums.', 1], // right, in another form
  [0, 'She has 42 plums.\n#### 42', 0.1], // wrong, in the form
  [0, 'She has 37 plums.\n#### 37\n#### 42', 0], // the last mark counts, and two are no form
  [0, '#### 37', 1], // no solution before the mark
  [0, 'She has 37 plums.\n#### 37 plums', 1], // a unit behind the number
  [1, 'Its profit is 100.\n#### 100', 0.1], // the sign counts
  [2, 'I do not know.', 0],
])("of row %i, '%s' earns %d", async (row, completion, expected) => {
  const context = {} as StageContext // rules need none
  const { reward } = await recipeReward(stage.rewards, { policy, asked, context })
  const sequence = { prompt: asked[row]!.ids, completion: policy.tokenizer.encode(completion) }
  expect((await reward([sequence]))[0]).toBeCloseTo(expected, 10)
})

test('parts of one name have metrics of their own', async () => {
  const parts = rewardParts([
    { kind: 'answer' },
    { kind: 'cosine_answer', most: 40 },
    { kind: 'format', pattern: '.*#### 37' },
  ])
  const { reward, observe } = await recipeReward(parts, { policy, asked, context: {} as StageContext })
  await reward([{ prompt: asked[0]!.ids, completion: policy.tokenizer.encode('#### 42') }])
  const metrics = observe()
  expect(Object.keys(metrics)).toEqual([
    'rewards/answer-1/mean',
    'rewards/answer-2/mean',
    'rewards/format/mean',
  ])
  expect(metrics['rewards/answer-1/mean']).toBe(0)
  expect(metrics['rewards/answer-2/mean']).toBeLessThan(0)
})

test('a row whose safety is neither true nor false is refused before any model is loaded', async () => {
  const parts = rewardParts([{ kind: 'safety_gate', helpfulness: 'a', safety: 'b' }])
  const marked = [{ ...asked[0]!, row: { ...asked[0]!.row, safety: 'true' } }]
  const building = recipeReward(parts, { policy, asked: marked, context: {} as StageContext })
  await expect(building).rejects.toThrow('rows.jsonl:1: safety is "true", expected true or false')
})
