/** A stream of uniform numbers that is a pure function of its key. */
export interface RandomNumbers {
  /** Uniform in [0, 1). */
  readonly uniform: () => number
  /** Uniform integer in [0, n). */
  readonly int: (n: number) => number
}

/** Random numbers keyed by a text: FNV-1a hash, then mulberry32. */
export function randomNumbers(key: string): RandomNumbers {
  let state = 0x811c9dc5
  for (let i = 0; i < key.length; i++) state = Math.imul(state ^ key.charCodeAt(i), 0x01000193)
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { uniform, int: (n) => Math.floor(uniform() * n) }
}
