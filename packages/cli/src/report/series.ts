import type { MetricRecord } from './data.ts'

/** A point of a curve. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A metric over the steps at which it is a finite number. */
export function seriesOf(records: readonly MetricRecord[], name: string): Point[] {
  return records.flatMap((record, index) => {
    const y = record[name]
    const x = typeof record.step === 'number' ? record.step : index + 1
    return typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : []
  })
}

/** Names of all numeric metrics in the order of their first appearance. */
export function metricNames(records: readonly MetricRecord[]): string[] {
  const names = new Set<string>()
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) if (typeof value === 'number') names.add(name)
  }
  return [...names]
}

/** Steps over which a curve of this length is smoothed; 1 leaves it as it is. */
export function smoothingSpan(length: number): number {
  return length < 16 ? 1 : Math.max(3, Math.round(length / 15))
}

/** Exponential mean m_t = β m_{t−1} + (1 − β) y_t with β = 1 − 2/(span + 1), corrected for its start at 0. */
export function smooth(points: readonly Point[], span: number): Point[] {
  const beta = 1 - 2 / (span + 1)
  let mean = 0
  return points.map(({ x, y }, t) => {
    mean = beta * mean + (1 - beta) * y
    return { x, y: mean / (1 - beta ** (t + 1)) }
  })
}

/** At most `limit` points that keep the extremes of every stretch, so that spikes stay visible. */
export function thin(points: readonly Point[], limit = 320): readonly Point[] {
  if (points.length <= limit) return points
  const stretches = Math.floor(limit / 2) - 1
  const inner = points.slice(1, -1)
  const kept = Array.from({ length: stretches }, (_, stretch) => {
    const from = Math.floor((stretch * inner.length) / stretches)
    const part = inner.slice(from, Math.floor(((stretch + 1) * inner.length) / stretches))
    const lowest = part.reduce((a, b) => (b.y < a.y ? b : a))
    const highest = part.reduce((a, b) => (b.y > a.y ? b : a))
    return lowest === highest ? [lowest] : [lowest, highest].sort((a, b) => a.x - b.x)
  })
  return [points[0]!, ...kept.flat(), points.at(-1)!]
}

/** At most `limit` items, evenly spaced, the first and the last among them. */
export function evenly<Item>(items: readonly Item[], limit: number): Item[] {
  if (items.length <= limit) return [...items]
  return Array.from({ length: limit }, (_, i) => items[Math.round((i * (items.length - 1)) / (limit - 1))]!)
}
