/**
 * Places 0 … n − 1 in an order that a name decides (Fisher–Yates): one person sees one item in one order, wherever and however
 * often it comes back, so that what they wrote of A and B stays true.
 */
export function orderOf(name: string, count: number): number[] {
  const random = randomOf(name)
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    ;[order[i], order[other]] = [order[other]!, order[i]!]
  }
  return order
}

/** Numbers from 0 to 1 that a name decides: its FNV-1a hash, then mulberry32. */
function randomOf(name: string): () => number {
  let state = 0x811c9dc5
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
