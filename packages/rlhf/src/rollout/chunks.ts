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

/** As many consecutive parts as asked for, whose sizes differ by one at most. Throws where there are fewer elements than parts. */
export function partsOf<T>(items: readonly T[], parts: number): T[][] {
  if (parts > items.length) throw new RangeError(`${items.length} rows do not make ${parts} minibatches`)
  const edge = (i: number) => Math.round((i * items.length) / parts)
  return Array.from({ length: parts }, (_, i) => items.slice(edge(i), edge(i + 1)))
}
