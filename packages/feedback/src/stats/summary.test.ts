import fc from 'fast-check'
import { expect, test } from 'vitest'
import { histogram, mean, quantiles, standardDeviation, standardError } from './summary.ts'

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 })

test('mean, deviation and error of hand-worked numbers', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9]
  expect(mean(values)).toBe(5)
  expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(standardError(values)).toBeCloseTo(Math.sqrt(32 / 7 / 8), 12)
  expect(standardDeviation([3])).toBe(0)
})

test('quantiles interpolate as numpy and R do by default', () => {
  expect(quantiles([4, 1, 3, 2], [0, 0.25, 0.5, 0.9, 1])).toEqual([1, 1.75, 2.5, 3.7, 4])
})

test('a quantile between equal values is that value', () => {
  expect(quantiles([0.1, 0.1, 0.1, 0.1], [0.3, 0.9])).toEqual([0.1, 0.1])
})

test('quantiles are monotone and inside the range', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const found = quantiles(values, [0, 0.1, 0.5, 0.75, 1])
      expect(found[0] === Math.min(...values)).toBe(true) // −0 is 0
      expect(found[4] === Math.max(...values)).toBe(true)
      for (const [i, value] of found.slice(1).entries()) expect(value).toBeGreaterThanOrEqual(found[i]!)
    }),
  )
})

test('a histogram loses no value and its bars touch', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 30 }), (values, bins) => {
      const bars = histogram(values, { bins })
      expect(bars.length).toBe(bins)
      expect(bars.reduce((total, { count }) => total + count, 0)).toBe(values.length)
      for (const [i, { low }] of bars.slice(1).entries()) expect(low).toBeCloseTo(bars[i]!.high, 6)
    }),
  )
})

test('a range too small to be divided is one bar', () => {
  const bars = histogram([0, Number.MIN_VALUE], { bins: 3 })
  expect(bars.map(({ count }) => count)).toEqual([2, 0, 0])
})

test('a histogram over a given range leaves out what is outside', () => {
  expect(histogram([-1, 0, 0.5, 1, 2], { bins: 2, low: 0, high: 1 })).toEqual([
    { low: 0, high: 0.5, count: 1 },
    { low: 0.5, high: 1, count: 2 },
  ])
})

test('nothing to summarise is an error', () => {
  expect(() => mean([])).toThrow('a mean needs at least one value')
  expect(() => quantiles([], [0.5])).toThrow('at least one value')
  expect(() => quantiles([1], [1.5])).toThrow('quantile level is 1.5')
  expect(() => histogram([])).toThrow('cannot reach')
})
