import type { Progress } from '@attune/server'

/** The middle of some numbers; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * How many answers a person has before them, at most: an item asks each person once, so of the places that are open only one an
 * item is theirs.
 */
export function ownLeft(
  { items, slots, done, perAnnotator }: Pick<Progress, 'items' | 'slots' | 'done' | 'perAnnotator'>,
  account: string,
): number {
  const own = perAnnotator.find(({ annotator }) => annotator === account)
  const seen = own ? own.done + own.skipped : 0
  return Math.max(0, Math.min(slots - done, items - seen))
}

/** A length of time in the words of a person: `40 s`, `12 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}
