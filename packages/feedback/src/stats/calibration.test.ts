import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomNumbers } from '../simulate/random.ts'
import { calibration } from './calibration.ts'

test('bins and error of hand-worked numbers', () => {
  // ECE = ½·|0.1 − 0| + ½·|0.8 − 0.5|
  const { bins, error } = calibration([0.1, 0.1, 0.7, 0.9], [false, false, true, false], 2)
  expect(bins).toEqual([
    { low: 0, high: 0.5, predicted: 0.1, observed: 0, count: 2 },
    { low: 0.5, high: 1, predicted: 0.8, observed: 0.5, count: 2 },
  ])
  expect(error).toBeCloseTo(0.2, 12)
})

test('outcomes drawn from the predictions are calibrated', () => {
  const { uniform } = randomNumbers('calibration')
  const predictions = Array.from({ length: 20_000 }, uniform)
  const outcomes = predictions.map((p) => uniform() < p)
  expect(calibration(predictions, outcomes).error).toBeLessThan(0.015)
})

test('every prediction is in exactly one bin, 0 and 1 included', () => {
  const row = fc.tuple(
    fc.oneof(fc.constantFrom(0, 0.1, 0.3, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    fc.boolean(),
  )
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      const { bins, error } = calibration(
        rows.map(([p]) => p),
        rows.map(([, happened]) => happened),
      )
      expect(bins.reduce((total, { count }) => total + count, 0)).toBe(rows.length)
      for (const { low, high, predicted } of bins) {
        expect(predicted).toBeGreaterThanOrEqual(low - 1e-9)
        expect(predicted).toBeLessThanOrEqual(high + 1e-9)
      }
      expect(error).toBeLessThanOrEqual(1)
    }),
  )
})

test('predictions that are no probabilities are refused', () => {
  expect(() => calibration([0.5, 1.2], [true, true])).toThrow('prediction 1 is 1.2, expected a probability')
  expect(() => calibration([0.5], [])).toThrow('found 1 and 0')
})
