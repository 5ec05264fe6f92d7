import { type NdArray, type Shape, sizeOf } from '../src/ndarray.ts'

/** An array in double precision; integers and booleans are numbers too. */
export interface Array64 {
  readonly shape: Shape
  readonly data: Float64Array
}

/** The concrete array in double precision. */
export function widened({ shape, data }: NdArray): Array64 {
  return { shape, data: Float64Array.from(data) }
}

/** The array whose element at `index` is `element(index)`. */
export function tabulate(shape: Shape, element: (index: readonly number[]) => number): Array64 {
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, flat) => element(unravel(flat, shape)))
  return { shape, data }
}

/** Element at an index; axes are aligned from the right and those of length 1 repeat (NumPy's broadcasting). */
export function at({ shape, data }: Array64, index: readonly number[]): number {
  const lead = index.length - shape.length
  return data[shape.reduce((flat, n, axis) => flat * n + (n === 1 ? 0 : index[lead + axis]!), 0)]!
}

/** `index` with the position along one axis replaced. */
export function moved(index: readonly number[], axis: number, position: number): number[] {
  return index.map((i, a) => (a === axis ? position : i))
}

/** Reduces the values of each group along `axes`; the result has the shape given. */
export function reduceOver(
  x: Array64,
  { axes, shape }: { axes: readonly number[]; shape: Shape },
  reduce: (values: number[]) => number,
): Array64 {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const groups = Array.from({ length: sizeOf(kept) }, (): number[] => [])
  x.data.forEach((value, flat) => {
    const index = unravel(flat, x.shape)
    groups[kept.reduce((at, n, axis) => at * n + (n === 1 ? 0 : index[axis]!), 0)]!.push(value)
  })
  return { shape, data: Float64Array.from(groups, reduce) }
}

/** The index of the element at a flat position. */
export function unravel(flat: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length)
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return index
}

/** Flat position of an index. */
export function ravel(index: readonly number[], shape: Shape): number {
  return shape.reduce((flat, n, axis) => flat * n + index[axis]!, 0)
}
