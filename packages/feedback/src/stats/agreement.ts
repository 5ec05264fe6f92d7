/** One answer of one annotator about one item. */
export interface Answer<Value = string | number> {
  readonly item: string
  readonly annotator: string
  readonly value: Value
}

/** How far two answers are apart: nominal (equal or not), ordinal (places between), interval (squared difference). */
export type Level = 'nominal' | 'ordinal' | 'interval'

type Value = string | number

/** Answers grouped by item, only of items that at least two answered. */
function paired<V extends Value>(answers: readonly Answer<V>[]): (readonly V[])[] {
  const items = new Map<string, V[]>()
  for (const { item, value } of answers) items.set(item, [...(items.get(item) ?? []), value])
  return [...items.values()].filter((values) => values.length > 1)
}

/** Share of equal pairs of answers to the same item, the mean over items; NaN where no item has two answers. */
export function rawAgreement(answers: readonly Answer[]): number {
  const shares = paired(answers).map((values) => {
    let equal = 0
    for (const [i, a] of values.entries()) for (const b of values.slice(i + 1)) if (a === b) equal++
    return equal / ((values.length * (values.length - 1)) / 2)
  })
  return shares.reduce((a, b) => a + b, 0) / shares.length
}

/**
 * Cohen's κ of two annotators on items that both answered (Cohen 1960), weighted by squared or absolute distance on numbers
 * (Cohen 1968) when asked. 1 where both always gave one and the same answer; NaN without a common item.
 */
export function cohenKappa(
  first: readonly Answer[],
  second: readonly Answer[],
  { weights = 'none' }: { weights?: 'none' | 'linear' | 'quadratic' } = {},
): number {
  const other = new Map(second.map(({ item, value }) => [item, value]))
  const pairs = first.flatMap(({ item, value }) =>
    other.has(item) ? [[value, other.get(item)!] as const] : [],
  )
  const distance = (a: Value, b: Value) => {
    const gap = weights === 'none' ? Number(a !== b) : Math.abs(Number(a) - Number(b))
    return weights === 'quadratic' ? gap ** 2 : gap
  }
  const [left, right] = [countsOf(pairs.map(([a]) => a)), countsOf(pairs.map(([, b]) => b))]
  const observed = pairs.reduce((total, [a, b]) => total + distance(a, b), 0) / pairs.length
  let expected = 0
  for (const [a, m] of left)
    for (const [b, n] of right) expected += (m * n * distance(a, b)) / pairs.length ** 2
  return observed === 0 ? 1 : 1 - observed / expected
}

/** Fleiss' κ (1971) of items with equally many answers each. Throws where their number differs. */
export function fleissKappa(answers: readonly Answer[]): number {
  const items = paired(answers)
  const raters = items[0]?.length ?? 0
  const odd = items.find((values) => values.length !== raters)
  if (odd) {
    throw new RangeError(
      `Fleiss' κ needs equally many answers for each item, found ${raters} and ${odd.length}; use Krippendorff's α`,
    )
  }
  const all = items.flat()
  const chance = [...countsOf(all).values()].reduce((total, n) => total + (n / all.length) ** 2, 0)
  const observed = rawAgreement(answers)
  return observed === 1 ? 1 : (observed - chance) / (1 - chance)
}

/**
 * Krippendorff's α = 1 − D_o/D_e for any number of annotators with missing answers (Krippendorff 2011, Computing
 * Krippendorff's Alpha-Reliability). Ordinal and interval values are numbers. NaN where nothing can be paired or all is equal.
 */
export function krippendorffAlpha(answers: readonly Answer[], level: Level = 'nominal'): number {
  const units = paired(answers)
  const values = units.flat()
  const counts = countsOf(values)
  const distance = distanceOf(counts, level)
  let observed = 0
  for (const unit of units) {
    let within = 0
    for (const a of unit) for (const b of unit) within += distance(a, b)
    observed += within / (unit.length - 1)
  }
  let expected = 0
  for (const [a, m] of counts) for (const [b, n] of counts) expected += m * n * distance(a, b)
  return 1 - (observed * (values.length - 1)) / expected
}

/** δ² of Krippendorff's levels; ordinal: the square of the answers between two ranks, both ends halved. */
function distanceOf(counts: ReadonlyMap<Value, number>, level: Level): (a: Value, b: Value) => number {
  if (level === 'nominal') return (a, b) => Number(a !== b)
  if (level === 'interval') return (a, b) => (Number(a) - Number(b)) ** 2
  const ranks = [...counts].sort(([a], [b]) => Number(a) - Number(b))
  const places = new Map<Value, number>()
  let below = 0
  for (const [value, n] of ranks) {
    places.set(value, below + n / 2)
    below += n
  }
  return (a, b) => (places.get(a)! - places.get(b)!) ** 2
}

function countsOf(values: readonly Value[]): Map<Value, number> {
  const counts = new Map<Value, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** Cohen's κ of each pair of annotators who share items, for a matrix. */
export function kappaMatrix(answers: readonly Answer[]): {
  readonly annotators: readonly string[]
  readonly kappa: readonly (readonly number[])[]
} {
  const by = new Map<string, Answer[]>()
  for (const answer of answers) by.set(answer.annotator, [...(by.get(answer.annotator) ?? []), answer])
  const annotators = [...by.keys()].sort()
  const kappa = annotators.map((a) => annotators.map((b) => cohenKappa(by.get(a)!, by.get(b)!)))
  return { annotators, kappa }
}
