/** Arithmetic mean. Throws when there is no value. */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('a mean needs at least one value')
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total / values.length
}

/** Standard deviation with Bessel's correction; 0 for a single value. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2
  return Math.sqrt(squares / Math.max(values.length - 1, 1))
}

/** Standard error of the mean, s/√n. */
export function standardError(values: ArrayLike<number>): number {
  return standardDeviation(values) / Math.sqrt(values.length)
}

/** Quantiles by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996). */
export function quantiles(values: ArrayLike<number>, levels: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('a quantile needs at least one value')
  const sorted = Float64Array.from(values).sort()
  return levels.map((level) => {
    if (!(level >= 0 && level <= 1)) throw new RangeError(`quantile level is ${level}, expected 0 to 1`)
    const position = level * (sorted.length - 1)
    const below = Math.floor(position)
    const rest = position - below
    const [lower, upper] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!]
    return Math.min(lower + (upper - lower) * rest, upper) // equal neighbours give their own value
  })
}

/** One bar of a histogram: values in [low, high), the last bar including its upper end. */
export interface HistogramBin {
  readonly low: number
  readonly high: number
  readonly count: number
}

/** Counts in equal bins from the smallest to the largest value, or over a given range (values outside are left out). */
export function histogram(
  values: ArrayLike<number>,
  { bins = 20, low, high }: { bins?: number; low?: number; high?: number } = {},
): HistogramBin[] {
  if (!(Number.isInteger(bins) && bins > 0)) throw new RangeError(`bins is ${bins}, expected 1 or more`)
  const all = Array.from(values)
  const from = low ?? all.reduce((a, b) => Math.min(a, b), Infinity)
  const to = high ?? all.reduce((a, b) => Math.max(a, b), -Infinity)
  if (!(from <= to)) throw new RangeError(`a histogram cannot reach from ${from} to ${to}`)
  const width = (to - from) / bins || 1 / bins // also where the range is too small to divide
  const counts = new Array<number>(bins).fill(0)
  for (const value of all) {
    if (value >= from && value <= to) counts[Math.min(Math.floor((value - from) / width), bins - 1)]!++
  }
  return counts.map((count, i) => ({ low: from + i * width, high: from + (i + 1) * width, count }))
}
