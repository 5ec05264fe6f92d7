import { existsSync, readFileSync } from 'node:fs'
import { cpu } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { tinyTrainable } from '../../test/tiny.ts'
import { finalAnswer, sameAnswer } from './answer.ts'
import { ensembleReward, meanOf, uncertaintyWeighted, worstOf } from './ensemble.ts'
import { lmJudge } from './lm-judge.ts'
import { preferenceOf } from './preference.ts'
import type { Judged } from './reward.ts'
import { safetyGated, whitenedReward } from './safety-gate.ts'
import { cosineLength, formatReward, repetitionPenalty, softOverlong } from './shaping.ts'

const sample = (id: number): Judged => ({ prompt: [1], completion: [id] })

describe('final answers', () => {
  test.each([
    ['so 3 + 4 = 7 apples\n#### 7', 7],
    ['#### 1,250', 1250],
    ['#### -3.5 dollars', -3.5],
    ['first #### 1 then #### 2', 2],
    ['the answer is \\boxed{12}, or 13', 12],
    ['it costs $1,200.50 in all.', 1200.5],
    ['no number', undefined],
    ['#### none', undefined],
  ])('%j', (text, answer) => {
    expect(finalAnswer(text)).toBe(answer)
  })

  test('agree as numbers, not as texts', () => {
    expect(sameAnswer('that makes 1,000.', '#### 1000')).toBe(true)
    expect(sameAnswer('7.0', '7')).toBe(true)
    expect(sameAnswer('8', '7')).toBe(false)
    expect(sameAnswer('none', 'none')).toBe(false)
  })

  const file = '../shared/data/gsm8k/train.jsonl'
  test.skipIf(!existsSync(file))(
    'every solution of GSM8K agrees with itself and not with another number',
    () => {
      const rows = readFileSync(file, 'utf8').trim().split('\n')
      for (const line of rows) {
        const { answer } = JSON.parse(line) as { answer: string }
        const found = finalAnswer(answer)!
        expect(Number(answer.split('#### ')[1]!.replaceAll(',', ''))).toBe(found)
        expect(sameAnswer(`The answer is ${found}.`, answer)).toBe(true)
        expect(sameAnswer(`The answer is ${found + 1}.`, answer)).toBe(false)
      }
      expect(rows.length).toBeGreaterThan(7000)
    },
  )
})

describe('shaping', () => {
  test.each([
    ['<think>2 + 2</think>4', 1],
    ['<think>\n2 + 2\n</think>\n4', 1],
    ['4', 0],
    ['<think>a</think><think>b</think>4', 0],
    ['first <think>a</think>4', 0],
    ['<think>a', 0],
  ])('format of %j', (text, score) => {
    expect(formatReward()(text)).toBe(score)
  })

  test('repeated runs of three words cost their share', () => {
    const penalty = repetitionPenalty()
    expect(penalty('one two')).toBe(0)
    expect(penalty('one two three four')).toBeCloseTo(0, 9)
    // six runs, three of them different
    expect(penalty('a b c a b c a b')).toBeCloseTo(-0.5, 9)
  })

  test('overlong completions cost up to 1', () => {
    const penalty = softOverlong({ most: 100, buffer: 20 })
    expect([80, 90, 100, 101].map(penalty)).toEqual([0, -0.5, -1, -1])
  })

  test('a right answer is better short, a wrong one better long', () => {
    const shaped = cosineLength({ most: 100 })
    expect([shaped(true, 0), shaped(true, 50), shaped(true, 100), shaped(true, 300)]).toEqual([
      1, 0.75, 0.5, 0.5,
    ])
    expect([shaped(false, 0), shaped(false, 50), shaped(false, 100)]).toEqual([-1, -0.75, -0.5])
  })
})

describe('several rewards', () => {
  const members = [
    [1, 4],
    [3, 4],
    [5, 4],
  ].map((scores) => () => scores)
  const samples = [sample(1), sample(2)]

  test('mean, worst case, and mean less λ times the variance', async () => {
    const scores = (combine: typeof meanOf) => ensembleReward(members, combine)(samples)
    expect(await scores(meanOf)).toEqual([3, 4])
    expect(await scores(worstOf)).toEqual([1, 4])
    const [first, second] = await scores(uncertaintyWeighted(0.5))
    expect(first).toBeCloseTo(3 - 0.5 * (8 / 3), 9)
    expect(second).toBe(4)
  })

  test('disagreement is the mean deviation', async () => {
    const ensemble = ensembleReward(members, meanOf)
    await ensemble(samples)
    expect(ensemble.disagreement()).toBeCloseTo(Math.sqrt(8 / 3) / 2, 9)
  })

  test('Llama 2: the safety score counts where it is low or the prompt asks for it', async () => {
    const three = [sample(1), sample(2), sample(3)]
    // σ(−3) = 0.047 is below 0.15, σ(2) is not
    const gated = safetyGated({
      helpfulness: () => [10, 20, 30],
      safety: () => [-3, 2, 4],
      isSafetyPrompt: ({ completion }) => completion[0] === 3,
    })
    expect(await gated(three)).toEqual([-3, 20, 4])
    // mean 7, variance (100 + 169 + 9)/3
    const whitened = await whitenedReward(gated)(three)
    whitened.forEach((score, i) => {
      expect(score).toBeCloseTo([-10, 13, -3][i]! / Math.sqrt(278 / 3), 9)
    })
  })

  test('a reward as a preference is Bradley–Terry', async () => {
    const preference = preferenceOf((all) => all.map(({ completion }) => completion[0]!))
    expect((await preference([sample(3)], [sample(1)]))[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 9)
  })
})

test('a judge that likes the first place says ½ of the same answer twice, and its two orders add up to 1', async () => {
  const judge = lmJudge(tinyTrainable(), {
    ask: (prompt, { a, b }) => [...prompt, 2, ...a, 3, ...b, 4],
    verdicts: [5, 6],
    device: cpu({ threads: 1 }),
    batchSize: 2,
  })
  const [a, b] = [
    [sample(7), sample(8), { prompt: [1, 2], completion: [9, 9, 9] }],
    [sample(8), sample(8), sample(10)],
  ]
  const [straight, swapped] = [await judge(a, b), await judge(b, a)]
  expect(straight[1]).toBeCloseTo(0.5, 6)
  expect(straight[0]).not.toBeCloseTo(0.5, 3)
  expect(straight[0]! + swapped[0]!).toBeCloseTo(1, 6)
  await judge.dispose()
})
