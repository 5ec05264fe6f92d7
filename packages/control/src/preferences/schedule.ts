/** Share of the later labels that fall on time t, from 0 (first iteration) to 1 (last); only the proportions count. */
export type LabelRate = (t: number) => number

/** The same number of labels all along. */
export const constantLabelRate: LabelRate = () => 1

/** 1/(1 + t): Christiano et al.'s c/(c + T), whose constant is a number of steps for each domain; here c is the run's length, so that the rate halves. */
export const hyperbolicLabelRate: LabelRate = (t) => 1 / (1 + t)

/** 1/(1 + t²). */
export const inverseQuadraticLabelRate: LabelRate = (t) => 1 / (1 + t * t)

/**
 * Whole numbers of labels to ask for at each of `iterations` iterations, `total` together: a share `first` (0.25 in the paper)
 * before anything is learnt, the rest in proportion to the rate. Throws a `RangeError` for a rate that is below 0, or 0 all along.
 */
export function labelSchedule(
  total: number,
  {
    iterations,
    first = 0.25,
    rate = hyperbolicLabelRate,
  }: { iterations: number; first?: number; rate?: LabelRate },
): number[] {
  if (!Number.isInteger(total) || total < 1)
    throw new RangeError(`a label budget of ${total}: expected a whole number from 1`)
  if (!Number.isInteger(iterations) || iterations < 1)
    throw new RangeError(`${iterations} iterations: expected a whole number from 1`)
  if (!(first > 0 && first <= 1))
    throw new RangeError(`first share of labels ${first}: expected above 0, up to 1`)
  if (iterations === 1) return [total]
  const early = Math.max(1, Math.round(first * total))
  const weights = Array.from({ length: iterations - 1 }, (_, i) => rate(i / Math.max(iterations - 2, 1)))
  const sum = weights.reduce((a, b) => a + b, 0)
  if (!(sum > 0 && sum < Infinity) || weights.some((weight) => weight < 0))
    throw new RangeError(
      `label rates ${weights.slice(0, 3).join(', ')} …: expected numbers from 0, not all 0`,
    )
  let given = 0
  let due = 0
  const later = weights.map((weight) => {
    due += ((total - early) * weight) / sum
    const now = Math.round(due) - given
    given += now
    return now
  })
  return [early, ...later]
}
