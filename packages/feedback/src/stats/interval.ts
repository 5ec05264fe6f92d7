import { randomNumbers } from '../simulate/random.ts'
import { mean, quantiles, standardError } from './summary.ts'

/** An estimate with the bounds of its interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Numbers of a bootstrap. */
export interface BootstrapOptions {
  /** Coverage, 0.95 by default. */
  readonly level?: number
  readonly resamples?: number
  readonly seed?: number
}

/** Any statistic with its percentile-bootstrap interval (Efron 1979); a function of the items and the seed. */
export function bootstrap<Item>(
  items: readonly Item[],
  statistic: (sample: readonly Item[]) => number,
  { level = 0.95, resamples = 2000, seed = 0 }: BootstrapOptions = {},
): Estimate {
  if (items.length === 0) throw new RangeError('a bootstrap needs at least one item')
  const random = randomNumbers('bootstrap', seed)
  const sample = [...items]
  const replicates = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < sample.length; i++) sample[i] = items[random.int(items.length)]!
    return statistic(sample)
  })
  const [low, high] = quantiles(replicates, [(1 - level) / 2, (1 + level) / 2])
  return { value: statistic(items), low: low!, high: high! }
}

/** Mean with a percentile-bootstrap interval. */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions = {}): Estimate {
  return bootstrap(values, mean, options)
}

/** Mean with the interval that normality gives, ± 1.96 standard errors. */
export function normalMean(values: readonly number[], z = 1.959964): Estimate {
  const value = mean(values)
  const half = z * standardError(values)
  return { value, low: value - half, high: value + half }
}

/** Share of successes with Wilson's score interval (1927); z = 1.96 for 95 %. */
export function wilsonInterval(successes: number, trials: number, z = 1.959964): Estimate {
  if (!(trials > 0)) throw new RangeError(`a share needs at least one trial, found ${trials}`)
  if (!(successes >= 0 && successes <= trials))
    throw new RangeError(`successes is ${successes}, expected 0 to ${trials}`)
  const share = successes / trials
  const centre = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials)
  const half =
    (z / (1 + (z * z) / trials)) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** How often ours is scored above theirs, ties counting ½, with a 95 % bootstrap interval over the pairs. */
export function winRate(
  ours: readonly number[],
  theirs: readonly number[],
  options: BootstrapOptions = {},
): Estimate {
  if (ours.length !== theirs.length)
    throw new RangeError(`${ours.length} scores cannot be paired with ${theirs.length}`)
  return bootstrapMean(
    ours.map((score, i) => (score > theirs[i]! ? 1 : score === theirs[i] ? 0.5 : 0)),
    options,
  )
}
