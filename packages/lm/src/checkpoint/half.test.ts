import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBrain, fromHalf, toBrain, toHalf } from './half.ts'

const patterns = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
const isNaNPattern = (bits: number, largestFinite: number) => (bits & 0x7fff) > largestFinite

const formats = {
  half: { read: fromHalf, write: toHalf, infinity: 0x7c00, value: halfValue },
  brain: { read: fromBrain, write: toBrain, infinity: 0x7f80, value: brainValue },
}

describe.each(Object.entries(formats))('%s precision', (_, { read, write, infinity, value }) => {
  const values = read(patterns)

  test('all 65,536 patterns have the value that the format defines', () => {
    const wrong = patterns.findIndex((bits) => !Object.is(values[bits], value(bits)))
    expect(wrong).toBe(-1)
  })

  test('all of them are written as they were read; NaN stays NaN', () => {
    const written = write(values)
    const wrong = patterns.findIndex((bits) =>
      isNaNPattern(bits, infinity) ? !isNaNPattern(written[bits]!, infinity) : written[bits] !== bits,
    )
    expect(wrong).toBe(-1)
  })

  test('between two neighbours the nearer is taken, halfway the even one', () => {
    for (let bits = 0; bits < infinity - 1; bits++) {
      const [low, high] = [values[bits]!, values[bits + 1]!]
      const middle = Math.fround((low + high) / 2)
      if (middle !== (low + high) / 2) continue // beneath the smallest float32
      const even = bits % 2 === 0 ? bits : bits + 1
      const [below, above] = [nextFloat(middle, -1), nextFloat(middle, 1)]
      const rounded = write(Float32Array.of(below, middle, above, -below, -middle, -above))
      const expected = [bits, even, bits + 1]
      expect([...rounded]).toEqual([...expected, ...expected.map((pattern) => pattern | 0x8000)])
    }
  })

  test('any float32 becomes the nearest value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (x) => {
        const [bits] = write(Float32Array.of(x))
        const error = Math.abs(x - values[bits!]!)
        if (!Number.isFinite(values[bits!]!)) return // tested below
        for (const neighbour of [bits! - 1, bits! + 1]) {
          if ((neighbour & 0x7fff) < infinity)
            expect(error).toBeLessThanOrEqual(Math.abs(x - values[neighbour]!))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('beyond the largest value lies infinity', () => {
    const largest = values[infinity - 1]!
    const step = largest - values[infinity - 2]!
    const halfway = Math.fround(largest + step / 2)
    expect([...write(Float32Array.of(nextFloat(halfway, -1), halfway))]).toEqual([infinity - 1, infinity])
    expect([...write(Float32Array.of(-halfway, Number.NEGATIVE_INFINITY))]).toEqual([
      infinity | 0x8000,
      infinity | 0x8000,
    ])
  })
})

test('views into a larger buffer are read where they lie', () => {
  const whole = Float32Array.of(9, 1, 2, 9)
  expect([...toHalf(whole.subarray(1, 3))]).toEqual([0x3c00, 0x4000])
  expect([...toBrain(whole.subarray(1, 3))]).toEqual([0x3f80, 0x4000])
})

/** IEEE 754-2019 §3.4: binary16. */
function halfValue(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25)
  return bits >> 15 ? -magnitude : magnitude
}

/** bfloat16 is the upper half of a float32. */
function brainValue(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits)
  return view.getFloat32(0)
}

/** The float32 beside a finite positive one. */
function nextFloat(x: number, direction: 1 | -1): number {
  const word = new Uint32Array(Float32Array.of(x).buffer)
  word[0]! += direction
  return new Float32Array(word.buffer)[0]!
}
