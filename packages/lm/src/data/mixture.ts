import { randomKey } from '@attune/grad'

/** Rows of one source, and how often each is seen: 0.5 is a random half of them, 2 every row twice. */
export interface MixturePart<T> {
  readonly rows: readonly T[]
  readonly weight: number
}

/** Mixes sources by weight and shuffles them, a function of the seed. Throws when a weight is not above zero. */
export function mixture<T>(parts: readonly MixturePart<T>[], seed: number): T[] {
  const drawn = parts.flatMap(({ rows, weight }, part) => {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new RangeError(`weight ${part + 1} of the mixture is ${weight}, expected a number above 0`)
    const order = [...randomKey(seed, 'mixture', part).permutation(rows.length)]
    const count = Math.round(rows.length * weight)
    return Array.from({ length: count }, (_, i) => rows[order[i % rows.length]!]!)
  })
  return [...randomKey(seed, 'mixture').permutation(drawn.length)].map((index) => drawn[index]!)
}
