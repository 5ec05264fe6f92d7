import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatNumber, formatTick, niceScale, niceStep } from './scale.ts'
import { evenly, histogram, nearest, pointsOf, smooth } from './series.ts'

const value = fc.double({ min: -1e5, max: 1e5, noNaN: true })

test('every value lies inside a nice scale, and its labels are in order inside the range', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
      const scale = niceScale(values, [0, 100])
      for (const y of values) {
        expect(scale.at(y)).toBeGreaterThan(-1e-6)
        expect(scale.at(y)).toBeLessThan(100 + 1e-6)
      }
      const places = scale.ticks.map(scale.at)
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }),
  )
})

test('steps are 1, 2, 2.5 or 5 times a power of ten, and never smaller than asked', () => {
  expect([0.9, 1.1, 2.2, 3, 7, 0.03].map(niceStep)).toEqual([1, 2, 2.5, 5, 10, 0.05])
})

test('a histogram counts every value once', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), (values) => {
      expect(histogram(values).reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
    }),
  )
})

test('a constant curve stays constant when smoothed, and keeps its steps', () => {
  const points = Array.from({ length: 40 }, (_, x) => ({ x, y: 3 }))
  for (const { y } of smooth(points)) expect(y).toBeCloseTo(3, 12)
  expect(smooth(points).map(({ x }) => x)).toEqual(points.map(({ x }) => x))
})

test('rows without a number are left out, and the nearest step is found', () => {
  const rows = [
    { step: 2, kl: 1 },
    { step: 4, kl: null },
    { step: 6, kl: 3 },
  ]
  expect(pointsOf(rows, 'kl')).toEqual([
    { x: 2, y: 1 },
    { x: 6, y: 3 },
  ])
  expect(nearest(pointsOf(rows, 'kl'), 5)).toEqual({ x: 6, y: 3 })
  expect(evenly([1, 2, 3, 4, 5], 3)).toEqual([1, 3, 5])
})

test('numbers are written with a real minus sign and without long tails', () => {
  expect(formatNumber(-0.123456)).toBe('−0.123')
  expect(formatNumber(0.00001234)).toBe('1.2e−5')
  expect(formatTick(0.25, 0.25)).toBe('0.25')
  expect(formatTick(-2, 1)).toBe('−2')
})
