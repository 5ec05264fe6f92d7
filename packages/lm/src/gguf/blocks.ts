import { halfValues } from '../checkpoint/half.ts'

/** How a GGUF type stores its numbers: in blocks of so many values and bytes. Layouts of ggml's `ggml-quants`. */
export interface BlockFormat {
  readonly values: number
  readonly bytes: number
  /** Writes the block that begins at byte `at` to `out` from index `to` on. */
  readonly decode: (data: Uint8Array, at: number, out: Float32Array, to: number) => void
}

const half = (data: Uint8Array, at: number) => halfValues[data[at]! | (data[at + 1]! << 8)]!
const signed = (byte: number) => (byte << 24) >> 24

/** Blocks of 32: d·q + m with q of four bits; the low halves come first, then the high. */
const q4 = (offset: number, hasMinimum: boolean): BlockFormat => ({
  values: 32,
  bytes: hasMinimum ? 20 : 18,
  decode: (data, at, out, to) => {
    const d = half(data, at)
    const m = hasMinimum ? half(data, at + 2) : d * offset
    const codes = at + (hasMinimum ? 4 : 2)
    for (let i = 0; i < 16; i++) {
      const code = data[codes + i]!
      out[to + i] = d * (code & 15) + m
      out[to + 16 + i] = d * (code >> 4) + m
    }
  },
})

/** The same with a fifth bit of every value in a word of 32 bits. */
const q5 = (offset: number, hasMinimum: boolean): BlockFormat => ({
  values: 32,
  bytes: hasMinimum ? 24 : 22,
  decode: (data, at, out, to) => {
    const d = half(data, at)
    const m = hasMinimum ? half(data, at + 2) : d * offset
    const high = at + (hasMinimum ? 4 : 2)
    for (let i = 0; i < 32; i++) {
      const code = data[high + 4 + (i & 15)]!
      const fifth = (data[high + (i >> 3)]! >> (i & 7)) & 1
      out[to + i] = d * ((i < 16 ? code & 15 : code >> 4) | (fifth << 4)) + m
    }
  },
})

/** Blocks of 32: d·q with q a signed byte. */
const q8: BlockFormat = {
  values: 32,
  bytes: 34,
  decode: (data, at, out, to) => {
    const d = half(data, at)
    for (let i = 0; i < 32; i++) out[to + i] = d * signed(data[at + 2 + i]!)
  },
}

/** Blocks of 256 in sixteen parts: d·scale·q − dmin·minimum, two bits a value, four a scale. */
const q2k: BlockFormat = {
  values: 256,
  bytes: 84,
  decode: (data, at, out, to) => {
    const d = half(data, at + 80)
    const least = half(data, at + 82)
    for (let i = 0; i < 256; i++) {
      const part = data[at + (i >> 4)]!
      const code = data[at + 16 + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))
      out[to + i] = d * (part & 15) * (code & 3) - least * (part >> 4)
    }
  },
}

/** Sixteen parts: d·(scale − 32)·q, q of two bits and a third in a mask, from −4 to 3. */
const q3k: BlockFormat = {
  values: 256,
  bytes: 110,
  decode: (data, at, out, to) => {
    const d = half(data, at + 108)
    for (let i = 0; i < 256; i++) {
      const part = i >> 4
      const low = data[at + 96 + (part & 7)]!
      const high = data[at + 104 + (part & 3)]! >> (2 * (part >> 2))
      const scale = (part < 8 ? low & 15 : low >> 4) | ((high & 3) << 4)
      const code = (data[at + 32 + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3
      const third = (data[at + (i & 31)]! >> (i >> 5)) & 1
      out[to + i] = d * (scale - 32) * (code - (third ? 0 : 4))
    }
  },
}

/** Scale and minimum of one of eight parts, six bits each, packed into twelve bytes. */
function scaleAndMinimum(data: Uint8Array, at: number, part: number): [number, number] {
  if (part < 4) return [data[at + part]! & 63, data[at + 4 + part]! & 63]
  const shared = data[at + 4 + part]!
  return [(shared & 15) | ((data[at + part - 4]! >> 6) << 4), (shared >> 4) | ((data[at + part]! >> 6) << 4)]
}

/** Eight parts: d·scale·q − dmin·minimum, four bits a value and, in Q5_K, a fifth in `high`. */
const k45 = (bits: 4 | 5): BlockFormat => ({
  values: 256,
  bytes: bits === 4 ? 144 : 176,
  decode: (data, at, out, to) => {
    const d = half(data, at)
    const least = half(data, at + 2)
    const codes = at + (bits === 4 ? 16 : 48)
    for (let part = 0; part < 8; part++) {
      const [scale, minimum] = scaleAndMinimum(data, at + 4, part)
      for (let i = 0; i < 32; i++) {
        const byte = data[codes + (part >> 1) * 32 + i]!
        const low = part & 1 ? byte >> 4 : byte & 15
        const fifth = bits === 5 ? ((data[at + 16 + i]! >> part) & 1) << 4 : 0
        out[to + part * 32 + i] = d * scale * (low | fifth) - least * minimum
      }
    }
  },
})

/** Sixteen parts: d·scale·(q − 32), four low bits and two high ones a value. */
const q6k: BlockFormat = {
  values: 256,
  bytes: 210,
  decode: (data, at, out, to) => {
    const d = half(data, at + 208)
    for (let i = 0; i < 256; i++) {
      const [upper, within] = [i >> 7, i & 127]
      const byte = data[at + upper * 64 + (within & 63)]!
      const low = within < 64 ? byte & 15 : byte >> 4
      const high = (data[at + 128 + upper * 32 + (within & 31)]! >> (2 * (within >> 5))) & 3
      out[to + i] = d * signed(data[at + 192 + (i >> 4)]!) * ((low | (high << 4)) - 32)
    }
  },
}

const f32: BlockFormat = {
  values: 1,
  bytes: 4,
  decode: (data, at, out, to) => {
    word[0] = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
    out[to] = number[0]!
  },
}
const f16: BlockFormat = {
  values: 1,
  bytes: 2,
  decode: (data, at, out, to) => {
    out[to] = half(data, at)
  },
}
const bf16: BlockFormat = {
  values: 1,
  bytes: 2,
  decode: (data, at, out, to) => {
    word[0] = (data[at]! << 16) | (data[at + 1]! << 24)
    out[to] = number[0]!
  },
}
const word = new Int32Array(1)
const number = new Float32Array(word.buffer)

/** Every stored type that can be read, by ggml's number, with its name. */
export const blockFormats: ReadonlyMap<number, BlockFormat & { readonly name: string }> = new Map([
  [0, { name: 'F32', ...f32 }],
  [1, { name: 'F16', ...f16 }],
  [2, { name: 'Q4_0', ...q4(-8, false) }],
  [3, { name: 'Q4_1', ...q4(0, true) }],
  [6, { name: 'Q5_0', ...q5(-16, false) }],
  [7, { name: 'Q5_1', ...q5(0, true) }],
  [8, { name: 'Q8_0', ...q8 }],
  [10, { name: 'Q2_K', ...q2k }],
  [11, { name: 'Q3_K', ...q3k }],
  [12, { name: 'Q4_K', ...k45(4) }],
  [13, { name: 'Q5_K', ...k45(5) }],
  [14, { name: 'Q6_K', ...q6k }],
  [30, { name: 'BF16', ...bf16 }],
])

/** Numbers of whole blocks as float32. */
export function dequantise(data: Uint8Array, format: BlockFormat): Float32Array {
  const blocks = data.length / format.bytes
  const out = new Float32Array(blocks * format.values)
  for (let block = 0; block < blocks; block++)
    format.decode(data, block * format.bytes, out, block * format.values)
  return out
}
