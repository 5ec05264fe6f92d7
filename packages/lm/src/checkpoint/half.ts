/** IEEE 754 binary16 → float32, for all 65,536 patterns. */
export const halfValues = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
})

/** Half-precision bit patterns as float32. */
export function fromHalf(bits: Uint16Array): Float32Array {
  return map(bits, new Float32Array(bits.length), (pattern) => halfValues[pattern]!)
}

/** float32 rounded to half precision (ties to even), as bit patterns. */
export function toHalf(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return map(words, new Uint16Array(words.length), (word, i) => {
    const sign = (word >>> 16) & 0x8000
    const magnitude = word & 0x7fffffff
    if (magnitude > 0x7f800000) return sign | 0x7e00 // NaN
    if (magnitude >= 0x47800000) return sign | 0x7c00 // 65536 and more
    if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(values[i]!) * 2 ** 24) // subnormal: units of 2⁻²⁴
    return sign | roundHalfEven((magnitude - 0x38000000) / 8192)
  })
}

/** bfloat16 bit patterns as float32. */
export function fromBrain(bits: Uint16Array): Float32Array {
  const words = map(bits, new Uint32Array(bits.length), (pattern) => pattern << 16)
  return new Float32Array(words.buffer)
}

/** float32 rounded to bfloat16 (ties to even), as bit patterns. */
export function toBrain(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return map(words, new Uint16Array(words.length), (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return ((word >>> 16) & 0x8000) | 0x7fc0 // NaN
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  })
}

/** Fills `into`; the `from` of typed arrays iterates, which takes ten times as long. */
function map<Out extends Float32Array | Uint16Array | Uint32Array>(
  from: Uint16Array | Uint32Array,
  into: Out,
  convert: (pattern: number, index: number) => number,
): Out {
  for (let i = 0; i < from.length; i++) into[i] = convert(from[i]!, i)
  return into
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
