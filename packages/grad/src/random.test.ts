import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomKey } from './random.ts'

const count = 100_000

function moments(draw: () => number) {
  const values = Array.from({ length: count }, draw)
  const mean = values.reduce((a, b) => a + b) / count
  const power = (k: number) => values.reduce((sum, v) => sum + (v - mean) ** k, 0) / count
  return { values, mean, variance: power(2), kurtosis: power(4) / power(2) ** 2 }
}

describe('randomKey', () => {
  it('is a pure function of seed and path', () => {
    const first = (...path: [number, ...(number | string)[]]) => {
      const random = randomKey(...path)
      return Array.from({ length: 4 }, random.uniform)
    }
    expect(first(1, 'sample', 3)).toEqual(first(1, 'sample', 3))
    const keys = [
      first(1),
      first(2),
      first(1, 0),
      first(1, 'a'),
      first(1, 'sample', 3),
      first(1, 'sample', 4),
    ]
    expect(new Set(keys.map(String)).size).toBe(keys.length)
  })

  it('never changes its numbers', () => {
    const random = randomKey(42, 'golden')
    expect([random.uniform(), random.uniform(), random.int(1000)]).toMatchInlineSnapshot(`
      [
        0.4080317036714405,
        0.2651097592897713,
        175,
      ]
    `)
    expect([...randomKey(7).permutation(8)]).toMatchInlineSnapshot(`
      [
        5,
        0,
        7,
        4,
        3,
        1,
        2,
        6,
      ]
    `)
  })

  // bounds: five standard errors
  it('draws uniform numbers', () => {
    const { values, mean, variance } = moments(randomKey(1).uniform)
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(0, 1000))).toBeLessThan(1)
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / count))
    const lag = values.slice(1).reduce((sum, v, i) => sum + (v - mean) * (values[i]! - mean), 0) / count
    expect(Math.abs(lag * 12)).toBeLessThan(5 / Math.sqrt(count))
  })

  it('draws normal numbers', () => {
    const { mean, variance, kurtosis } = moments(randomKey(2).normal)
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count))
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / count))
  })

  it('draws integers evenly (chi-squared)', () => {
    const random = randomKey(3)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < count; i++) counts[random.int(10)]!++
    const statistic = counts.reduce((sum, n) => sum + (n - count / 10) ** 2 / (count / 10), 0)
    expect(statistic).toBeLessThan(33.7) // 9 degrees of freedom, p = 1e-4
  })

  it('gives neighbouring keys unrelated numbers', () => {
    const pairs = Array.from({ length: 20_000 }, (_, i) => randomKey(5, i).uniform() - 0.5)
    const correlation = pairs.slice(1).reduce((sum, v, i) => sum + v * pairs[i]! * 12, 0) / pairs.length
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(pairs.length))
  })

  it('permutes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 50 }), (seed, n) => {
        const sorted = [...randomKey(seed).permutation(n)].sort((a, b) => a - b)
        expect(sorted).toEqual(Array.from({ length: n }, (_, i) => i))
      }),
    )
    const firsts = Array.from({ length: 6000 }, (_, i) => randomKey(i, 'p').permutation(6)[0]!)
    for (let k = 0; k < 6; k++) {
      const share = firsts.filter((first) => first === k).length / firsts.length
      expect(Math.abs(share - 1 / 6)).toBeLessThan(5 * Math.sqrt(5 / 36 / firsts.length))
    }
  })
})
