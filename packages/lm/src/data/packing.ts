/**
 * Packs sequences of these lengths into rows of at most `capacity` tokens, best fit decreasing: the longest first, each into
 * the fullest row that has room. Returns the indices of every row. Throws when a sequence is longer than a row.
 */
export function packByLength(lengths: readonly number[], capacity: number): number[][] {
  const rows: number[][] = []
  /** Rows by the room that is left in them. */
  const byRoom: number[][] = Array.from({ length: capacity + 1 }, () => [])
  const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b)
  for (const index of order) {
    const length = lengths[index]!
    if (length > capacity)
      throw new RangeError(`sequence ${index} has ${length} tokens, more than the ${capacity} of a row`)
    let room = length
    while (room <= capacity && byRoom[room]!.length === 0) room++
    const row = room <= capacity ? byRoom[room]!.pop()! : rows.push([]) - 1
    rows[row]!.push(index)
    byRoom[Math.min(room, capacity) - length]!.push(row)
  }
  return rows
}

/** Batches of at most `size` sequences of similar length, and the length (a multiple of `multiple`) that each is padded to. */
export function lengthBuckets(
  lengths: readonly number[],
  { size, multiple = 16 }: { size: number; multiple?: number },
): { indices: number[]; length: number }[] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b)
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) => {
    const indices = order.slice(i * size, (i + 1) * size)
    return { indices, length: Math.ceil(lengths[indices.at(-1)!]! / multiple) * multiple }
  })
}
