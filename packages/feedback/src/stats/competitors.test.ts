import { expect, test } from 'vitest'
import { randomNumbers } from '../simulate/random.ts'
import type { Contest } from './bradley-terry.ts'
import { bradleyTerryIntervals, cyclicTriads, eloRatings, kendallTau } from './competitors.ts'

const truth = { a: 0.6, b: 0, c: -0.6 }
const names = ['a', 'b', 'c'] as const

function simulated(count: number, key: number): Contest[] {
  const random = randomNumbers('coverage', key)
  return Array.from({ length: count }, () => {
    const i = random.int(3)
    const between = [names[i]!, names[(i + 1 + random.int(2)) % 3]!] as const
    const chance = 1 / (1 + Math.exp(truth[between[1]] - truth[between[0]]))
    return { between, preferred: random.uniform() < chance ? 0 : 1 }
  })
}

test('95 % intervals hold the truth in 93 to 97 % of 200 simulations', () => {
  let covered = 0
  for (let key = 0; key < 200; key++) {
    const intervals = bradleyTerryIntervals(simulated(300, key), { resamples: 200, seed: key })
    for (const name of names) {
      const { low, high } = intervals.get(name)!
      if (low <= truth[name] && truth[name] <= high) covered++
    }
  }
  expect(covered / 600).toBeGreaterThan(0.93)
  expect(covered / 600).toBeLessThan(0.97)
})

test('a contest of weight w is w contests', () => {
  const apart = simulated(60, 1)
  const counts = new Map<string, number>()
  for (const contest of apart) {
    const key = JSON.stringify(contest)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const together = [...counts].map(([key, weight]): Contest => ({ ...JSON.parse(key), weight }))
  const width = (contests: Contest[]) => {
    const { low, high } = bradleyTerryIntervals(contests, { resamples: 400 }).get('a')!
    return high - low
  }
  expect(width(together) / width(apart)).toBeCloseTo(1, 0.5)
  const half: Contest[] = [{ between: ['a', 'b'], preferred: 0, weight: 0.5 }]
  expect(() => bradleyTerryIntervals(half)).toThrow('weight 0.5, expected how often')
  const circle: Contest[] = [
    { between: ['a', 'b'], preferred: 0, weight: 2 },
    { between: ['a', 'b'], preferred: 1 },
    { between: ['b', 'c'], preferred: 0 },
    { between: ['c', 'a'], preferred: 0 },
  ]
  expect(cyclicTriads(circle)).toEqual({ cyclic: 1, triads: 1 })
})

test('ties and both bad pull two competitors together', () => {
  const wins: Contest[] = Array.from({ length: 10 }, () => ({ between: ['a', 'b'], preferred: 0 }))
  const even: Contest[] = ['tie' as const, 'both-bad' as const].flatMap((preferred) =>
    Array.from({ length: 5 }, () => ({ between: ['a', 'b'] as const, preferred })),
  )
  const value = (contests: Contest[]) =>
    bradleyTerryIntervals(contests, { resamples: 20, prior: 1 }).get('a')!
  expect(value([...wins, ...even]).value).toBeLessThan(value(wins).value)
  expect(value(even).value).toBeCloseTo(0, 9)
})

test('Elo of hand-worked numbers', () => {
  // The first win moves both by k/2; their sum stays.
  const ratings = eloRatings([{ between: ['a', 'b'], preferred: 0 }], { k: 32 })
  expect([...ratings.values()]).toEqual([1016, 984])
  const tie = eloRatings(
    [
      { between: ['a', 'b'], preferred: 0 },
      { between: ['a', 'b'], preferred: 'tie' },
    ],
    { k: 32 },
  )
  expect(tie.get('a')!).toBeCloseTo(1016 + 32 * (0.5 - 1 / (1 + 10 ** (-32 / 400))), 9)
})

test('circles of three are counted by majority', () => {
  const beat = (a: string, b: string): Contest => ({ between: [a, b], preferred: 0 })
  expect(cyclicTriads([beat('a', 'b'), beat('b', 'c'), beat('c', 'a')])).toEqual({ cyclic: 1, triads: 1 })
  expect(cyclicTriads([beat('a', 'b'), beat('b', 'c'), beat('a', 'c')])).toEqual({ cyclic: 0, triads: 1 })
  expect(cyclicTriads([beat('a', 'b'), beat('b', 'c')])).toEqual({ cyclic: 0, triads: 0 })
})

test('Kendall’s τ counts pairs in the same order', () => {
  expect(kendallTau([1, 2, 3, 4], [1, 2, 3, 4])).toBe(1)
  expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1)
  expect(kendallTau([1, 2, 3, 4], [1, 2, 4, 3])).toBeCloseTo(4 / 6, 12)
  expect(kendallTau([1, 2, 2], [1, 2, 3])).toBeCloseTo(2 / Math.sqrt(2 * 3), 12)
})
