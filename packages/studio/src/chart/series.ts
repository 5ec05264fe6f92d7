/** A point of a curve. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A curve with its name. */
export interface Series {
  readonly name: string
  readonly points: readonly Point[]
}

/** A metric over the steps at which it is a finite number. */
export function pointsOf(rows: readonly Readonly<Record<string, unknown>>[], name: string): Point[] {
  return rows.flatMap((row, index) => {
    const y = row[name]
    const x = typeof row.step === 'number' ? row.step : index + 1
    return typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : []
  })
}

/** Exponential mean over about `length / 15` steps, corrected for its start at 0; short curves stay as they are. */
export function smooth(points: readonly Point[]): Point[] {
  if (points.length < 16) return [...points]
  const beta = 1 - 2 / (Math.max(3, Math.round(points.length / 15)) + 1)
  let mean = 0
  return points.map(({ x, y }, t) => {
    mean = beta * mean + (1 - beta) * y
    return { x, y: mean / (1 - beta ** (t + 1)) }
  })
}

/** At most `limit` points, evenly spaced, the first and the last among them. */
export function evenly<Item>(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items
  return Array.from({ length: limit }, (_, i) => items[Math.round((i * (items.length - 1)) / (limit - 1))]!)
}

/** The point whose x is nearest. */
export function nearest(points: readonly Point[], x: number): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, point) => (!best || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
    undefined,
  )
}

/** Counts of values in equal bins over their range. */
export function histogram(
  values: readonly number[],
  bins = 20,
): { low: number; high: number; count: number }[] {
  if (values.length === 0) return []
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  const width = (most - least || 1) / bins
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - least) / width))]!++
  return counts.map((count, i) => ({ low: least + i * width, high: least + (i + 1) * width, count }))
}
