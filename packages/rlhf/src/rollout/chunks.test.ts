import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partsOf } from './chunks.ts'

test('as many parts as asked for hold every row once, in sizes that differ by one at most', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), (rows, n) => {
      const count = 1 + (n % rows.length)
      const parts = partsOf(rows, count)
      const sizes = parts.map(({ length }) => length)
      expect(parts).toHaveLength(count)
      expect(parts.flat()).toEqual(rows)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

test('more parts than rows are refused: a minibatch would be empty', () => {
  expect(() => partsOf([1, 2], 3)).toThrow('2 rows do not make 3 minibatches')
})
