import { apply, applyAll, isPrimitive, type Value } from '../graph/node.ts'
import { type Shape, sizeOf } from '../ndarray.ts'
import { sameShape } from '../rules/shape.ts'

/** Counts an axis from the end when it is negative. Throws when it is outside the rank. */
export function normaliseAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis
  if (normal < 0 || normal >= rank) throw new RangeError(`axis ${axis} is outside an array of rank ${rank}`)
  return normal
}

/** The same elements under another shape; one dimension may be −1. */
export function reshape(x: Value, shape: Shape): Value {
  const known = shape.reduce((product, dimension) => (dimension === -1 ? product : product * dimension), 1)
  const rest = sizeOf(x.shape) / known
  const target = shape.map((dimension) => (dimension === -1 ? rest : dimension))
  if (!Number.isInteger(rest) || target.filter((dimension) => dimension < 0).length > 0)
    throw new TypeError(`cannot reshape [${x.shape}] to [${shape}]`)
  const source = isPrimitive(x.node, 'reshape') ? x.node.inputs[0]! : x
  return sameShape(target, source.shape) ? source : apply('reshape', [source], { shape: target })
}

/** Axes reordered; without a permutation, reversed. */
export function transpose(
  x: Value,
  permutation: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis),
): Value {
  const long = permutation.filter((axis) => x.shape[axis] !== 1)
  const isInOrder = long.every((axis, i) => i === 0 || axis > long[i - 1]!)
  const isPermutation =
    permutation.length === x.shape.length && new Set(permutation).size === permutation.length
  // the elements keep their order when only axes of length 1 move
  if (isPermutation && isInOrder)
    return reshape(
      x,
      permutation.map((axis) => x.shape[axis]!),
    )
  return apply('transpose', [x], { permutation })
}

/** The array repeated along axes of length 1 (NumPy's rule). */
export function broadcastTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  const source = isPrimitive(x.node, 'broadcastTo') ? x.node.inputs[0]! : x
  return apply('broadcastTo', [source], { shape })
}

/** Elements `start` (inclusive) to `end` (exclusive) of one axis; negative positions count from the end. */
export function slice(x: Value, axis: number, [start, end]: readonly [number, number?]): Value {
  const along = normaliseAxis(axis, x.shape.length)
  const length = x.shape[along]!
  const from = start < 0 ? start + length : start
  const to = end === undefined ? length : end < 0 ? end + length : end
  return from === 0 && to === length ? x : apply('slice', [x], { axis: along, start: from, end: to })
}

/** Consecutive parts of the given sizes along one axis. */
export function split(x: Value, sizes: readonly number[], axis: number): Value[] {
  return applyAll('split', [x], { sizes, axis: normaliseAxis(axis, x.shape.length) })
}

/** Arrays joined along one axis. */
export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 0) throw new TypeError('concat needs at least one array')
  if (values.length === 1) return values[0]!
  return apply('concat', values, { axis: normaliseAxis(axis, values[0]!.shape.length) })
}

/** Zeros added before and after, per axis. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  return [...before, ...after].every((count) => count === 0) ? x : apply('pad', [x], { before, after })
}

/** A new axis of length 1. */
export function expandDims(x: Value, axis: number): Value {
  const at = normaliseAxis(axis, x.shape.length + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

/** Without an axis of length 1. */
export function squeeze(x: Value, axis: number): Value {
  const at = normaliseAxis(axis, x.shape.length)
  if (x.shape[at] !== 1)
    throw new TypeError(`cannot squeeze axis ${axis} of [${x.shape}]: its length is not 1`)
  return reshape(
    x,
    x.shape.filter((_, index) => index !== at),
  )
}
