/** A sparse vector: value by index or word. */
export type SparseVector = ReadonlyMap<string | number, number>

/** Words of a text with their counts, scaled to length 1. */
export function bagOfWords(text: string): SparseVector {
  const counts = new Map<string, number>()
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1)
  const norm = Math.hypot(...counts.values()) || 1
  return new Map([...counts].map(([word, count]) => [word, count / norm]))
}

/**
 * The first `count` indices of a k-centre greedy order (Gonzalez 1985; Sener & Savarese 2018): each is the farthest from all
 * before it by Euclidean distance. Starts at `start`. Costs count × vectors distances.
 */
export function kCentreOrder(
  vectors: readonly SparseVector[],
  { count = vectors.length, start = 0 }: { count?: number; start?: number } = {},
): number[] {
  if (vectors.length === 0) return []
  const norms = vectors.map((vector) => dot(vector, vector))
  const nearest = vectors.map(() => Infinity)
  const order: number[] = []
  let next = start
  while (order.length < Math.min(count, vectors.length)) {
    order.push(next)
    nearest[next] = -Infinity
    for (const [i, vector] of vectors.entries()) {
      if (nearest[i] === -Infinity) continue
      const distance = norms[i]! + norms[next]! - 2 * dot(vector, vectors[next]!)
      nearest[i] = Math.min(nearest[i]!, distance)
    }
    next = nearest.reduce((best, distance, i) => (distance > nearest[best]! ? i : best), 0)
  }
  return order
}

function dot(a: SparseVector, b: SparseVector): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  let total = 0
  for (const [index, value] of small) total += value * (large.get(index) ?? 0)
  return total
}
