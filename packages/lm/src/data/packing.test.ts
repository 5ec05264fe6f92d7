import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankingPairs } from './convert.ts'
import { mixture } from './mixture.ts'
import { lengthBuckets, packByLength } from './packing.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
const lists = fc.array(fc.integer({ min: 1, max: 32 }), { maxLength: 60 })

describe('packing', () => {
  test('best fit decreasing, by hand: 7 | 5+3 | 4+4 | 2 in rows of 8', () => {
    expect(packByLength([4, 7, 2, 5, 4, 3], 8)).toEqual([[1], [3, 5], [0, 4], [2]])
  })

  test('every sequence is in one row, no row is too long, and no two rows could be joined by a first fit', () => {
    fc.assert(
      fc.property(lists, (lengths) => {
        const rows = packByLength(lengths, 32)
        expect(rows.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()])
        const sums = rows.map((row) => sum(row.map((i) => lengths[i]!)))
        expect(Math.max(0, ...sums)).toBeLessThanOrEqual(32)
        // any two rows together are longer than one: no row is less than half full but one
        expect(sums.filter((total) => total <= 16).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('a sequence longer than a row is refused', () => {
    expect(() => packByLength([3, 9], 8)).toThrow('sequence 1 has 9 tokens, more than the 8 of a row')
  })
})

test('length buckets: similar lengths together, padded to a multiple', () => {
  expect(lengthBuckets([20, 3, 17, 5, 40], { size: 2 })).toEqual([
    { indices: [1, 3], length: 16 },
    { indices: [2, 0], length: 32 },
    { indices: [4], length: 48 },
  ])
})

describe('mixtures', () => {
  const rows = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`)
  test('a weight is how often each row is seen', () => {
    const mixed = mixture(
      [
        { rows: rows('a', 10), weight: 0.3 },
        { rows: rows('b', 4), weight: 2.5 },
      ],
      1,
    )
    const count = (row: string) => mixed.filter((other) => other === row).length
    expect(mixed).toHaveLength(13)
    expect(new Set(mixed.filter((row) => row.startsWith('a'))).size).toBe(3)
    expect(rows('b', 4).map(count).sort()).toEqual([2, 2, 3, 3])
  })

  test('the seed decides, and nothing else', () => {
    const parts = [
      { rows: rows('a', 20), weight: 0.5 },
      { rows: rows('b', 20), weight: 1 },
    ]
    expect(mixture(parts, 7)).toEqual(mixture(parts, 7))
    expect(mixture(parts, 7)).not.toEqual(mixture(parts, 8))
  })

  test('a weight of zero is refused', () => {
    expect(() => mixture([{ rows: ['a'], weight: 0 }], 0)).toThrow('weight 1 of the mixture is 0')
  })
})

test('a ranking of three has three pairs, better first', () => {
  expect(rankingPairs(['a', 'b', 'c'])).toEqual([
    { chosen: 'a', rejected: 'b' },
    { chosen: 'a', rejected: 'c' },
    { chosen: 'b', rejected: 'c' },
  ])
})
