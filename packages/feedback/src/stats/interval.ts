import { randomNumbers } from '../simulate/random.ts'

/** An estimate with the bounds of its interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Mean with a percentile-bootstrap interval (Efron 1979); a function of the values and the seed. */
export function bootstrapMean(
  values: readonly number[],
  { level = 0.95, resamples = 2000, seed = 0 }: { level?: number; resamples?: number; seed?: number } = {},
): Estimate {
  if (values.length === 0) throw new RangeError('a mean needs at least one value')
  const random = randomNumbers(`bootstrap/${seed}`)
  const means = Float64Array.from({ length: resamples }, () => {
    let total = 0
    for (let i = 0; i < values.length; i++) total += values[random.int(values.length)]!
    return total / values.length
  }).sort()
  return {
    value: mean(values),
    low: quantileOfSorted(means, (1 - level) / 2),
    high: quantileOfSorted(means, (1 + level) / 2),
  }
}

/** Share of successes with Wilson's score interval (1927); z = 1.96 for 95 %. */
export function wilsonInterval(successes: number, trials: number, z = 1.959964): Estimate {
  if (trials <= 0) throw new RangeError(`a share needs at least one trial, found ${trials}`)
  const share = successes / trials
  const centre = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials)
  const half =
    (z / (1 + (z * z) / trials)) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))
  return { value: share, low: centre - half, high: centre + half }
}

/** How often ours is scored above theirs, ties counting ½, with a 95 % bootstrap interval over the pairs. */
export function winRate(ours: readonly number[], theirs: readonly number[]): Estimate {
  if (ours.length !== theirs.length)
    throw new RangeError(`${ours.length} scores cannot be paired with ${theirs.length}`)
  return bootstrapMean(ours.map((score, i) => (score > theirs[i]! ? 1 : score === theirs[i] ? 0.5 : 0)))
}

/** Arithmetic mean. */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** Standard deviation with Bessel's correction. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((total, x) => total + (x - centre) ** 2, 0) / Math.max(values.length - 1, 1))
}

function quantileOfSorted(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1)
  const low = Math.floor(position)
  const rest = position - low
  return sorted[low]! * (1 - rest) + (sorted[Math.min(low + 1, sorted.length - 1)] ?? 0) * rest
}
