import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bagOfWords, kCentreOrder } from './diversity.ts'
import { orderByValue, uniformOrder } from './order.ts'
import { prioritiesOf } from './priorities.ts'
import { ensembleDisagreement, scoreUncertainty } from './uncertainty.ts'

test('orders are permutations, and functions of their key', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }), fc.integer(), (values, key) => {
      for (const order of [uniformOrder(values.length, key), orderByValue(values, key)])
        expect([...order].sort((a, b) => a - b)).toEqual(values.map((_, i) => i))
      const order = orderByValue(values, key)
      expect(order).toEqual(orderByValue(values, key))
      order.slice(1).forEach((index, i) => {
        expect(values[index]!).toBeLessThanOrEqual(values[order[i]!]!)
      })
    }),
  )
})

test('uniform orders put each index first equally often', () => {
  const firsts = [0, 0, 0, 0]
  for (let key = 0; key < 8000; key++) firsts[uniformOrder(4, key)[0]!]!++
  for (const count of firsts) expect(Math.abs(count / 8000 - 0.25)).toBeLessThan(0.02)
})

test('a reward model is unsure where its two best scores are near', () => {
  expect(scoreUncertainty([1, 1])).toBe(1)
  // 2(1 − σ(2)) = 2 · 0.119203
  expect(scoreUncertainty([0, 5, 3])).toBeCloseTo(0.238406, 6)
  expect(scoreUncertainty([3])).toBe(0)
})

test('an ensemble disagrees by the spread of its probabilities', () => {
  // σ(2) = 0.880797 and σ(−2) = 0.119203: their standard deviation is half their distance
  expect(
    ensembleDisagreement([
      [2, 0],
      [0, 2],
    ]),
  ).toBeCloseTo(0.380797, 6)
  expect(
    ensembleDisagreement([
      [1, 3],
      [0, 2],
    ]),
  ).toBeCloseTo(0, 12)
  expect(() => ensembleDisagreement([[1], [1, 2]])).toThrow('scored 1 and 2 times')
})

test('k-centre takes the farthest from all before', () => {
  const line = [0, 1, 10, 4].map((x) => new Map([['x', x]]))
  expect(kCentreOrder(line)).toEqual([0, 2, 3, 1])
  expect(kCentreOrder(line, { count: 2, start: 1 })).toEqual([1, 2])
  const twice = [line[0]!, line[0]!, line[1]!]
  expect(kCentreOrder(twice).sort()).toEqual([0, 1, 2])
  expect([...bagOfWords('The cat. THE dog')]).toEqual([
    ['the', 2 / Math.sqrt(6)],
    ['cat', 1 / Math.sqrt(6)],
    ['dog', 1 / Math.sqrt(6)],
  ])
})

test('a protocol’s order gives priorities by id', () => {
  const item = (id: string, scores: readonly (readonly number[])[]) => ({
    id,
    prompt: 'a question',
    completions: scores.map((members) => ({ text: id, score: members[0]!, scores: members })),
  })
  const items = [
    item('sure', [
      [9, 9],
      [0, 0],
    ]),
    item('split', [
      [1, 0],
      [1, 3],
    ]),
  ]
  expect(prioritiesOf(items, 'uniform').size).toBe(0)
  for (const order of ['uncertainty', 'disagreement'] as const) {
    const priorities = prioritiesOf(items, order)
    expect(priorities.get('split')!).toBeGreaterThan(priorities.get('sure')!)
  }
  expect([...prioritiesOf(items, 'diversity')]).toEqual([
    ['sure', 1],
    ['split', 0.5],
  ])
})
