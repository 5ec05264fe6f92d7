import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  goldAccuracy,
  noiseCeiling,
  preferenceProbability,
  simulateComparison,
  simulatedAnnotator,
  simulateRanking,
} from './annotator.ts'

const annotators = fc
  .record({
    temperature: fc.double({ min: 0, max: 5, noNaN: true }),
    lapseRate: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((numbers) => simulatedAnnotator('a', numbers))
const score = fc.double({ min: -10, max: 10, noNaN: true })
const items = Array.from({ length: 20_000 }, (_, i) => `item-${i}`)

describe('preference probability', () => {
  test('follows the hand-worked number', () => {
    // σ((1.5 − 0.5)/0.5) = σ(2) = 0.880797; with ε = 0.1: 0.9 · 0.880797 + 0.05
    const annotator = simulatedAnnotator('ann', { temperature: 0.5, lapseRate: 0.1 })
    expect(preferenceProbability(annotator, [1.5, 0.5])).toBeCloseTo(0.842717, 6)
  })

  test('of the two sides adds to one, and never leaves the lapse bounds', () => {
    fc.assert(
      fc.property(annotators, score, score, (annotator, a, b) => {
        const first = preferenceProbability(annotator, [a, b])
        expect(first + preferenceProbability(annotator, [b, a])).toBeCloseTo(1, 12)
        expect(first).toBeGreaterThanOrEqual(annotator.lapseRate / 2 - 1e-12)
        expect(first).toBeLessThanOrEqual(1 - annotator.lapseRate / 2 + 1e-12)
      }),
    )
  })

  test('is the frequency of the answers', () => {
    const annotator = simulatedAnnotator('ann', { temperature: 2, lapseRate: 0.2 })
    const gold = [1, 0] as const
    const wins = items.filter((item) => simulateComparison(annotator, gold, { seed: 3, item }) === 0).length
    expect(Math.abs(wins / items.length - preferenceProbability(annotator, gold))).toBeLessThan(0.012)
  })
})

test('a temperature of 0 follows the gold score', () => {
  const annotator = simulatedAnnotator('exact', { temperature: 0, lapseRate: 0 })
  fc.assert(
    fc.property(score, score, fc.string(), (a, b, item) => {
      fc.pre(a !== b)
      expect(simulateComparison(annotator, [a, b], { seed: 0, item })).toBe(a > b ? 0 : 1)
      const order = simulateRanking(annotator, [a, b, 20], { seed: 0, item })
      expect(order).toEqual(a > b ? [2, 0, 1] : [2, 1, 0])
    }),
  )
})

test('an answer is a function of seed, annotator and item', () => {
  const numbers = { temperature: 1, lapseRate: 0 }
  const answers = (id: string, seed: number) =>
    items
      .slice(0, 64)
      .map((item) => simulateComparison(simulatedAnnotator(id, numbers), [0, 0], { seed, item }))
  expect(answers('a', 1)).toEqual(answers('a', 1))
  expect(answers('a', 1)).not.toEqual(answers('a', 2))
  expect(answers('a', 1)).not.toEqual(answers('b', 1))
})

describe('rankings', () => {
  test('are permutations', () => {
    fc.assert(
      fc.property(
        annotators,
        fc.array(score, { minLength: 2, maxLength: 9 }),
        fc.string(),
        (annotator, gold, item) => {
          const order = simulateRanking(annotator, gold, { seed: 1, item })
          expect([...order].sort((a, b) => a - b)).toEqual(gold.map((_, i) => i))
        },
      ),
    )
  })

  test('put each completion first as often as Plackett–Luce says', () => {
    // softmax([2, 1, 0] / 1) = [0.6652, 0.2447, 0.0900]
    const annotator = simulatedAnnotator('ann', { temperature: 1, lapseRate: 0 })
    const firsts = [0, 0, 0]
    for (const item of items) firsts[simulateRanking(annotator, [2, 1, 0], { seed: 9, item })[0]!]!++
    ;[0.6652, 0.2447, 0.09].forEach((expected, i) => {
      expect(Math.abs(firsts[i]! / items.length - expected)).toBeLessThan(0.012)
    })
  })

  test('of a lapsing annotator, and ties of an exact one, are uniform', () => {
    for (const [annotator, gold] of [
      [simulatedAnnotator('absent', { temperature: 0, lapseRate: 1 }), [5, 0]],
      [simulatedAnnotator('exact', { temperature: 0, lapseRate: 0 }), [1, 1]],
    ] as const) {
      const first = items.filter((item) => simulateRanking(annotator, gold, { seed: 4, item })[0] === 0)
      expect(Math.abs(first.length / items.length - 0.5)).toBeLessThan(0.012)
    }
  })
})

describe('noise ceiling', () => {
  test('averages annotators and pairs', () => {
    const exact = simulatedAnnotator('exact', { temperature: 0, lapseRate: 0 })
    const coin = simulatedAnnotator('coin', { temperature: 0, lapseRate: 1 })
    // exact: 1 and ½ (a tie); coin: ½ and ½
    expect(
      noiseCeiling(
        [exact, coin],
        [
          [0, 2],
          [1, 1],
        ],
      ),
    ).toBe(0.625)
  })

  test('is the accuracy that the gold order reaches on simulated answers', () => {
    const annotator = simulatedAnnotator('ann', { temperature: 1.5, lapseRate: 0.1 })
    const golds = items.map((_, i) => [(i % 7) - 3, ((i * 5) % 11) / 3] as [number, number])
    const right = golds.filter(
      (gold, i) =>
        (gold[0] > gold[1] ? 0 : 1) === simulateComparison(annotator, gold, { seed: 5, item: items[i]! }),
    )
    expect(Math.abs(right.length / golds.length - noiseCeiling([annotator], golds))).toBeLessThan(0.012)
  })

  test('of one annotator lies between a coin and certainty', () => {
    fc.assert(
      fc.property(annotators, score, score, (annotator, a, b) => {
        expect(goldAccuracy(annotator, [a, b])).toBeGreaterThanOrEqual(0.5)
        expect(goldAccuracy(annotator, [a, b])).toBeLessThanOrEqual(1)
      }),
    )
  })
})

test('impossible annotators are refused by name', () => {
  expect(() => simulatedAnnotator('ann', { temperature: -1, lapseRate: 0 })).toThrow(
    "annotator 'ann': temperature is -1, expected 0 or more",
  )
  expect(() => simulatedAnnotator('ann', { temperature: 1, lapseRate: 1.5 })).toThrow('lapseRate is 1.5')
  expect(() => noiseCeiling([], [[0, 1]])).toThrow('found 0 and 1')
})
