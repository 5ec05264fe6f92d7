import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomNumbers } from '../simulate/random.ts'
import { bradleyTerryStrengths, type Contest } from './bradley-terry.ts'

const games = (winner: string, loser: string, count: number): Contest[] =>
  Array.from({ length: count }, () => ({ between: [winner, loser], preferred: 0 }))

test('two competitors: the log-odds of their record', () => {
  const strengths = bradleyTerryStrengths([...games('a', 'b', 3), ...games('b', 'a', 1)])
  expect(strengths.get('a')! - strengths.get('b')!).toBeCloseTo(Math.log(3), 8)
})

test('four teams of the worked example in the literature', () => {
  const strengths = bradleyTerryStrengths([
    ...games('a', 'b', 2),
    ...games('a', 'd', 1),
    ...games('b', 'a', 3),
    ...games('b', 'c', 5),
    ...games('c', 'b', 3),
    ...games('c', 'd', 1),
    ...games('d', 'a', 4),
    ...games('d', 'c', 3),
  ])
  const rounded = [...'abcd'].map((name) => Math.round(Math.exp(strengths.get(name)!) * 1000) / 1000)
  expect(rounded).toEqual([0.64, 1.043, 0.66, 2.27])
})

test('expected wins equal wins at the maximum, ties counting ½', () => {
  const names = ['a', 'b', 'c', 'd']
  const contest = fc
    .tuple(
      fc.constantFrom(0, 1, 2, 3),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(0, 1, 'tie') as fc.Arbitrary<0 | 1 | 'tie'>,
    )
    .map(([i, step, preferred]): Contest => ({ between: [names[i]!, names[(i + step) % 4]!], preferred }))
  fc.assert(
    fc.property(fc.array(contest, { minLength: 4, maxLength: 40 }), (contests) => {
      const prior = 1
      const present = [...new Set(contests.flatMap(({ between }) => between))]
      const strengths = bradleyTerryStrengths(contests, { prior })
      for (const name of present) {
        const won = contests.reduce(
          (total, { between, preferred }) => {
            const place = between.indexOf(name)
            return total + (place < 0 ? 0 : preferred === 'tie' ? 0.5 : Number(preferred === place))
          },
          ((present.length - 1) * prior) / 2,
        )
        const chance = (other: string) => 1 / (1 + Math.exp(strengths.get(other)! - strengths.get(name)!))
        const expected =
          contests
            .filter(({ between }) => between.includes(name))
            .reduce((total, { between }) => total + chance(between.find((other) => other !== name)!), 0) +
          present.filter((other) => other !== name).reduce((total, other) => total + prior * chance(other), 0)
        expect(expected).toBeCloseTo(won, 6)
      }
    }),
    { numRuns: 50 },
  )
})

test('recovers the strengths that made the comparisons', () => {
  const truth = { a: 1, b: 0.3, c: -0.4, d: -0.9 }
  const names = Object.keys(truth) as (keyof typeof truth)[]
  const { uniform, int } = randomNumbers('contests')
  const contests = Array.from({ length: 20_000 }, (): Contest => {
    const i = int(4)
    const between = [names[i]!, names[(i + 1 + int(3)) % 4]!] as const
    const chance = 1 / (1 + Math.exp(truth[between[1]] - truth[between[0]]))
    return { between, preferred: uniform() < chance ? 0 : 1 }
  })
  const strengths = bradleyTerryStrengths(contests)
  for (const name of names) expect(Math.abs(strengths.get(name)! - truth[name])).toBeLessThan(0.06)
})

test('where no maximum exists the error says what is missing', () => {
  expect(() => bradleyTerryStrengths(games('a', 'b', 2))).toThrow(
    "no chain of wins leads both ways between 'a' and 'b'; collect more comparisons or give a prior",
  )
  expect(bradleyTerryStrengths(games('a', 'b', 2), { prior: 1 }).get('a')).toBeGreaterThan(0)
  expect(() => bradleyTerryStrengths([])).toThrow('at least 2 competitors')
})
