/** Distribution function of the delay between what a person sees and their signal about it: P(delay ≤ seconds). */
export type Delay = (seconds: number) => number

/** Delays equally likely from `low` to `high` seconds. */
export function uniformDelay(low: number, high: number): Delay {
  if (!(low >= 0 && high > low))
    throw new RangeError(`a delay from ${low} to ${high} s: expected 0 ≤ low < high`)
  return (seconds) => Math.min(Math.max((seconds - low) / (high - low), 0), 1)
}

/** Gamma-distributed delays of mean shape·scale seconds. */
export function gammaDelay(shape: number, scale: number): Delay {
  if (!(shape > 0 && scale > 0))
    throw new RangeError(`a gamma delay of shape ${shape} and scale ${scale}: expected both above 0`)
  return (seconds) => (seconds <= 0 ? 0 : lowerGamma(shape, seconds / scale))
}

/** A time during which the agent was in a state and did an action. */
export interface Interval {
  readonly start: number
  readonly end: number
}

/**
 * Credit c_t of each interval for a signal at `time` (Knox and Stone 2009): the probability that the signal was caused there,
 * F(time − start) − F(time − end). It sums to 1 when the intervals hold all that may have caused it.
 */
export function credits(time: number, intervals: readonly Interval[], delay: Delay): number[] {
  return intervals.map(({ start, end }) => delay(time - start) - delay(time - end))
}

/** Regularised lower incomplete gamma function P(a, x): its series x^a e^−x Σ x^n / Γ(a + n + 1). */
function lowerGamma(a: number, x: number): number {
  if (x > a + 40 + 10 * Math.sqrt(a)) return 1
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 1000 && term > 1e-16 * sum; n++) {
    term *= x / (a + n)
    sum += term
  }
  return Math.min(sum * Math.exp(a * Math.log(x) - x - logGamma(a)), 1)
}

/** log Γ(z) by Stirling's series at z + 8, and back by Γ(z + 1) = z Γ(z). */
function logGamma(z: number): number {
  let shift = 0
  for (let i = 0; i < 8; i++) shift += Math.log(z + i)
  const y = z + 8
  const series = 1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5)
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift
}
