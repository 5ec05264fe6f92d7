import { expect, test } from 'vitest'
import { misfitOf } from './fit.ts'

const texts = (count: number) => ({ completions: Array.from({ length: count }, () => ({ text: 'x' })) })
const scales = [{ name: 'Helpful', low: 1, high: 7 }]

test.each([
  ['comparison', [2]],
  ['ranking', [2, 3, 9]],
  ['binary', [1, 2, 3, 9, 10]],
  ['demonstration', [0, 1, 2, 3, 9, 10]],
] as const)('a form of the kind %s asks for items of these sizes', (kind, counts) => {
  expect([0, 1, 2, 3, 9, 10].filter((count) => !misfitOf(texts(count), { kind }))).toEqual(counts)
})

test('clips are counted as clips, and a rating needs a scale, a check a rule', () => {
  expect(misfitOf(texts(2), { kind: 'clip-comparison' })).toContain('0 answers')
  expect(misfitOf({ ...texts(2), clips: ['a', 'b'] }, { kind: 'clip-comparison' })).toBeUndefined()
  expect(misfitOf(texts(1), { kind: 'rating', scales: [] })).toContain('no scale')
  expect(misfitOf(texts(1), { kind: 'rating', scales })).toBeUndefined()
  expect(misfitOf(texts(1), { kind: 'rule-check' })).toContain('no rule')
})
