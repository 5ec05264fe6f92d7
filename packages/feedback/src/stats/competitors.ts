import { randomNumbers } from '../simulate/random.ts'
import { bradleyTerryStrengths, type Contest } from './bradley-terry.ts'
import type { BootstrapOptions, Estimate } from './interval.ts'
import { quantiles } from './summary.ts'

/**
 * Bradley–Terry log-strengths with percentile-bootstrap intervals over the contests, one of weight w drawn as w contests. The
 * prior keeps resamples finite in which someone never lost; by default it is small against the contests. Throws `RangeError` for a
 * weight that is no count.
 */
export function bradleyTerryIntervals(
  contests: readonly Contest[],
  { level = 0.95, resamples = 200, seed = 0, prior = 0.1 }: BootstrapOptions & { prior?: number } = {},
): Map<string, Estimate> {
  const options = { prior, tolerance: 1e-6 }
  const cells = new Map<string, Contest>()
  const kinds = contests.flatMap(({ between, preferred, weight = 1 }) => {
    if (!Number.isInteger(weight) || weight < 0)
      throw new RangeError(`a contest has the weight ${weight}, expected how often it happened`)
    const key = JSON.stringify([between, preferred])
    if (!cells.has(key)) cells.set(key, { between, preferred })
    return new Array<string>(weight).fill(key)
  })
  const places = new Map([...cells.keys()].map((key, i) => [key, i]))
  const drawn = kinds.map((key) => places.get(key)!)
  const strengths = bradleyTerryStrengths(contests, options)
  const random = randomNumbers('bradley-terry', seed)
  const draws = new Map([...strengths.keys()].map((name) => [name, [] as number[]]))
  for (let resample = 0; resample < resamples; resample++) {
    const weights = new Float64Array(cells.size)
    for (let i = 0; i < drawn.length; i++) weights[drawn[random.int(drawn.length)]!]!++
    // Cells that were not drawn stay with weight 0, so that everyone is in every resample.
    const sample = [...cells.values()].map((cell, i) => ({ ...cell, weight: weights[i]! }))
    for (const [name, value] of bradleyTerryStrengths(sample, options)) draws.get(name)!.push(value)
  }
  return new Map(
    [...strengths].map(([name, value]) => {
      const [low, high] = quantiles(draws.get(name)!, [(1 - level) / 2, (1 + level) / 2])
      return [name, { value, low: low!, high: high! }]
    }),
  )
}

/**
 * Elo ratings after contests in their order: R += k(S − 1/(1 + 10^((R_other − R)/400))). For display only: they depend on the
 * order; use Bradley–Terry to compare.
 */
export function eloRatings(
  contests: readonly Contest[],
  { k = 4, initial = 1000 }: { k?: number; initial?: number } = {},
): Map<string, number> {
  const ratings = new Map<string, number>()
  for (const { between, preferred } of contests) {
    const [a, b] = between.map((name) => ratings.get(name) ?? initial) as [number, number]
    const score = typeof preferred === 'string' ? 0.5 : 1 - preferred
    const change = k * (score - 1 / (1 + 10 ** ((b - a) / 400)))
    ratings.set(between[0], a + change)
    ratings.set(between[1], b - change)
  }
  return ratings
}

/** Circles of three, a ≻ b ≻ c ≻ a, by majority of the contests; and the threes that could be one. */
export function cyclicTriads(contests: readonly Contest[]): {
  readonly cyclic: number
  readonly triads: number
} {
  const names = [...new Set(contests.flatMap(({ between }) => between))]
  const index = new Map(names.map((name, i) => [name, i]))
  const lead = names.map(() => new Array<number>(names.length).fill(0))
  for (const { between, preferred, weight = 1 } of contests) {
    const [a, b] = between.map((name) => index.get(name)!) as [number, number]
    const gain = typeof preferred === 'string' ? 0 : weight * (1 - 2 * preferred)
    lead[a]![b]! += gain
    lead[b]![a]! -= gain
  }
  const beats = (a: number, b: number) => lead[a]![b]! > 0
  const decided = (a: number, b: number) => lead[a]![b] !== 0
  let cyclic = 0
  let triads = 0
  for (let a = 0; a < names.length; a++)
    for (let b = a + 1; b < names.length; b++)
      for (let c = b + 1; c < names.length; c++) {
        if (!(decided(a, b) && decided(b, c) && decided(a, c))) continue
        triads++
        if (beats(a, b) === beats(b, c) && beats(b, c) === beats(c, a)) cyclic++
      }
  return { cyclic, triads }
}

/** Kendall's τ_b of two lists of scores (1945): 1 for the same order, −1 for the reverse; NaN where one list is constant. */
export function kendallTau(first: readonly number[], second: readonly number[]): number {
  if (first.length !== second.length)
    throw new RangeError(`${first.length} scores cannot be paired with ${second.length}`)
  let agreement = 0
  let [left, right] = [0, 0]
  for (let i = 0; i < first.length; i++)
    for (let j = 0; j < i; j++) {
      const a = Math.sign(first[i]! - first[j]!)
      const b = Math.sign(second[i]! - second[j]!)
      agreement += a * b
      left += a * a
      right += b * b
    }
  return agreement / Math.sqrt(left * right)
}
