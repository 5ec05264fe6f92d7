import fc, { type GeneratorValue } from 'fast-check'
import { boolArray, intArray, type NdArray, ndarray, type Shape, sizeOf } from '../src/ndarray.ts'
import { randomKey } from '../src/random.ts'

/** Draws random shapes and arrays for one test case. */
export interface Draw {
  readonly integer: (min: number, max: number) => number
  readonly boolean: () => boolean
  readonly pick: <T>(options: readonly T[]) => T
  readonly shape: (rank?: { min?: number; max?: number }) => number[]
  /** A shape that broadcasts with `shape` without enlarging it. */
  readonly narrowed: (shape: Shape) => number[]
  /** Uniform in [low, high). */
  readonly floats: (shape: Shape, low?: number, high?: number) => NdArray
  /** Values that differ from each other and from 0 by 0.02 and more, over all calls: no kinks, no ties. */
  readonly distinct: (shape: Shape) => NdArray
  readonly integers: (shape: Shape, low: number, high: number) => NdArray
  /** Integers from −5 to 5. */
  readonly wholes: (shape: Shape) => NdArray
  readonly booleans: (shape: Shape) => NdArray
  /** An array of one of the element types. */
  readonly any: (shape: Shape, types?: readonly NdArray['dtype'][]) => NdArray
}

/** Draws through fast-check's generator. */
export function drawing(g: GeneratorValue): Draw {
  const random = randomKey(g(fc.nat))
  const integer = (min: number, max: number) => g(fc.integer, { min, max })
  const boolean = () => g(fc.boolean)
  const pick = <T>(options: readonly T[]) => options[integer(0, options.length - 1)]!
  const filled = (shape: Shape, element: () => number) => Array.from({ length: sizeOf(shape) }, element)
  const between = (low: number, high: number) => low + (high - low) * random.uniform()
  const unused = random.permutation(4000)
  let next = 0
  const distinctValue = () => (unused[next++]! - 1999.5) * 0.0217
  const floats = (shape: Shape, low = -2, high = 2) =>
    ndarray(
      filled(shape, () => between(low, high)),
      shape,
    )
  const integers = (shape: Shape, low: number, high: number) =>
    intArray(
      filled(shape, () => low + random.int(high - low)),
      shape,
    )
  const wholes = (shape: Shape) => integers(shape, -5, 6)
  const booleans = (shape: Shape) =>
    boolArray(
      filled(shape, () => random.int(2)),
      shape,
    )
  return {
    integer,
    boolean,
    pick,
    floats,
    integers,
    wholes,
    booleans,
    shape: ({ min = 0, max = 3 } = {}) => Array.from({ length: integer(min, max) }, () => dimension(integer)),
    narrowed: (shape) => shape.slice(integer(0, shape.length)).map((length) => (boolean() ? length : 1)),
    distinct: (shape) => ndarray(filled(shape, distinctValue), shape),
    any: (shape, types = ['float32', 'int32', 'bool']) => {
      const dtype = pick(types)
      if (dtype === 'float32') return floats(shape)
      return dtype === 'int32' ? wholes(shape) : booleans(shape)
    },
  }
}

/** Mostly small, sometimes longer than a vector register. */
function dimension(integer: Draw['integer']): number {
  const length = integer(1, 5)
  return length === 5 ? integer(5, 18) : length
}
