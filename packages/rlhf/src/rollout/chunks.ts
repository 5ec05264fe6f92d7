/** Consecutive parts of at most `size` elements. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** The same from the shortest row to the longest, so that each part is padded to little more than its own length. */
export function chunksByLength<T>(
  items: readonly T[],
  { size, length }: { size: number; length: (item: T) => number },
): T[][] {
  return chunksOf(
    [...items].sort((a, b) => length(a) - length(b)),
    size,
  )
}

/** A number for every row, found for parts of similar length at a time; in the order of the rows. */
export async function scoreByLength<T>(
  items: readonly T[],
  { size, length }: { size: number; length: (item: T) => number },
  score: (part: readonly T[]) => Promise<ArrayLike<number>>,
): Promise<number[]> {
  const all = new Array<number>(items.length)
  const indices = Array.from(items.keys())
  for (const part of chunksByLength(indices, { size, length: (index) => length(items[index]!) })) {
    const scores = await score(part.map((index) => items[index]!))
    for (const [i, index] of part.entries()) all[index] = scores[i]!
  }
  return all
}
