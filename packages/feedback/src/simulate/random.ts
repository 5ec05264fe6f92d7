/** A stream of random numbers that is a pure function of its key. */
export interface RandomNumbers {
  /** Uniform in [0, 1), in steps of 2⁻³². */
  readonly uniform: () => number
  /** Uniform integer in [0, n). */
  readonly int: (n: number) => number
  /** Standard Gumbel, −log(−log u). */
  readonly gumbel: () => number
}

/** Random numbers for a path of names and numbers: a 128-bit hash of the path, then Doty-Humphrey's sfc32. */
export function randomNumbers(...path: readonly (string | number)[]): RandomNumbers {
  let [a, b, c, counter] = hash128(JSON.stringify(path))
  const uniform = () => {
    const next = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + next) | 0
    return (next >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round++) uniform()
  return {
    uniform,
    int: (n) => Math.floor(uniform() * n),
    gumbel: () => -Math.log(-Math.log(uniform() + 2 ** -33)),
  }
}

/** Four 32-bit words that each depend on every character (the mixing of MurmurHash3, four lanes). */
function hash128(text: string): [number, number, number, number] {
  let [a, b, c, d] = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a]
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    a = b ^ Math.imul(a ^ character, 0x239b961b)
    b = c ^ Math.imul(b ^ character, 0xab0e9789)
    c = d ^ Math.imul(c ^ character, 0x38b34ae5)
    d = a ^ Math.imul(d ^ character, 0xa1e38b93)
  }
  return [a, b, c, d]
}
