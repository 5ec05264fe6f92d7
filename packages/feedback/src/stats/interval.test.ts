import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomNumbers } from '../simulate/random.ts'
import { bootstrap, bootstrapMean, normalMean, wilsonInterval, winRate } from './interval.ts'

describe('Wilson interval', () => {
  test('of 8 in 10 and of 0 in 10', () => {
    // centre (0.8 + 3.8415/20)/1.38415 = 0.71674; half √(0.016 + 3.8415/400)·1.96/1.38415 = 0.22660
    const estimate = wilsonInterval(8, 10)
    expect(estimate.low).toBeCloseTo(0.49016, 4)
    expect(estimate.high).toBeCloseTo(0.94334, 4)
    expect(wilsonInterval(0, 10)).toMatchObject({ value: 0, low: 0 })
    expect(wilsonInterval(0, 10).high).toBeCloseTo(0.27753, 4)
  })

  test('holds the share and stays inside [0, 1]', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (successes, failures) => {
        fc.pre(successes + failures > 0)
        const { value, low, high } = wilsonInterval(successes, successes + failures)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(value + 1e-12)
        expect(high).toBeGreaterThanOrEqual(value - 1e-12)
      }),
    )
  })
})

describe('bootstrap', () => {
  test('is a function of values and seed', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    expect(bootstrapMean(values)).toEqual(bootstrapMean(values))
    expect(bootstrapMean(values, { seed: 1 })).not.toEqual(bootstrapMean(values))
  })

  test('agrees with the normal interval on many values', () => {
    const { uniform } = randomNumbers('values')
    const values = Array.from({ length: 400 }, uniform)
    const [resampled, normal] = [bootstrapMean(values), normalMean(values)]
    expect(resampled.value).toBe(normal.value)
    expect(resampled.low).toBeCloseTo(normal.low, 2)
    expect(resampled.high).toBeCloseTo(normal.high, 2)
  })

  test('covers the true mean about as often as it says', () => {
    let covered = 0
    for (let trial = 0; trial < 200; trial++) {
      const { uniform } = randomNumbers('coverage', trial)
      const { low, high } = bootstrapMean(Array.from({ length: 60 }, uniform), { resamples: 300, level: 0.9 })
      if (low <= 0.5 && 0.5 <= high) covered++
    }
    expect(covered / 200).toBeGreaterThan(0.84)
    expect(covered / 200).toBeLessThan(0.96)
  })

  test('takes any statistic', () => {
    const largest = bootstrap([1, 2, 3], (sample) => Math.max(...sample))
    expect(largest.value).toBe(3)
    expect(largest.high).toBe(3)
  })
})

describe('win rate', () => {
  test('counts ties ½', () => {
    expect(winRate([2, 1, 0, 5], [1, 1, 3, 0]).value).toBe(0.625)
  })

  test('of the two sides adds to one', () => {
    const score = fc.integer({ min: -3, max: 3 })
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 30 }), (pairs) => {
        const ours = pairs.map(([a]) => a)
        const theirs = pairs.map(([, b]) => b)
        const options = { resamples: 50 }
        const there = winRate(ours, theirs, options)
        const back = winRate(theirs, ours, options)
        expect(there.value + back.value).toBeCloseTo(1, 12)
        expect(there.low + back.high).toBeCloseTo(1, 9)
      }),
    )
  })

  test('needs pairs', () => {
    expect(() => winRate([1], [])).toThrow('1 scores cannot be paired with 0')
    expect(() => winRate([], [])).toThrow('at least one item')
    expect(() => wilsonInterval(1, 0)).toThrow('at least one trial')
  })
})
