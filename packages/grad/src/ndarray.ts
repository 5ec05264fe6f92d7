/** Dimensions of an array, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** Element types that programs compute with. */
export type DType = 'float32' | 'int32' | 'bool'

/** A concrete value: a typed array with a shape. Booleans are bytes 0 or 1. */
export interface NdArray {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: Float32Array | Int32Array | Uint8Array
}

/** A concrete float32 array. */
export interface FloatArray extends NdArray {
  readonly dtype: 'float32'
  readonly data: Float32Array
}

/** Named float32 arrays under Hugging Face's tensor names. */
export type Parameters = Record<string, FloatArray>

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

/** A float32 array of the given shape. Throws when the element count differs from the shape's. */
export function ndarray(data: Float32Array | readonly number[], shape: Shape): FloatArray {
  return checked({
    dtype: 'float32',
    shape,
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  })
}

/** An int32 array of the given shape. Throws when the element count differs from the shape's. */
export function intArray(data: Int32Array | readonly number[], shape: Shape): NdArray {
  return checked({ dtype: 'int32', shape, data: data instanceof Int32Array ? data : Int32Array.from(data) })
}

/** A boolean array (bytes 0 or 1) of the given shape. Throws when the element count differs from the shape's. */
export function boolArray(data: Uint8Array | readonly number[], shape: Shape): NdArray {
  return checked({ dtype: 'bool', shape, data: data instanceof Uint8Array ? data : Uint8Array.from(data) })
}

/** A float32 array of zeros. */
export function zeros(shape: Shape): FloatArray {
  return { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) }
}

/** Whether a value is a concrete array. */
export function isNdArray(value: unknown): value is NdArray {
  return (
    typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value
  )
}

function checked<A extends NdArray>(array: A): A {
  if (array.data.length !== sizeOf(array.shape)) {
    throw new RangeError(
      `array has ${array.data.length} elements but shape [${array.shape}] needs ${sizeOf(array.shape)}`,
    )
  }
  return array
}
