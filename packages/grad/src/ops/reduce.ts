import { apply, type Value } from '../graph/node.ts'
import { sizeOf } from '../ndarray.ts'
import { mul, neg } from './elementwise.ts'
import { normaliseAxis } from './shape.ts'

/** Axes to reduce over (default: all) and whether they stay with length 1. */
export interface Reduction {
  readonly axes?: number | readonly number[]
  readonly keepDims?: boolean
}

/** Sum over axes. */
export function sum(x: Value, reduction: Reduction = {}): Value {
  const axes = axesOf(x, reduction)
  return axes.length === 0 ? x : apply('sum', [x], { axes, keepDims: reduction.keepDims ?? false })
}

/** Mean over axes. */
export function mean(x: Value, reduction: Reduction = {}): Value {
  const count = sizeOf(axesOf(x, reduction).map((axis) => x.shape[axis]!))
  return mul(sum(x, reduction), 1 / count)
}

/** Largest element over axes. */
export function max(x: Value, reduction: Reduction = {}): Value {
  const axes = axesOf(x, reduction)
  return axes.length === 0 ? x : apply('max', [x], { axes, keepDims: reduction.keepDims ?? false })
}

/** Smallest element over axes. */
export function min(x: Value, reduction: Reduction = {}): Value {
  return neg(max(neg(x), reduction))
}

/** Index (int32) of the first largest element along an axis. */
export function argmax(x: Value, axis = -1): Value {
  return apply('argmax', [x], { axis: normaliseAxis(axis, x.shape.length) })
}

/** log Σ exp x along an axis, without overflow. */
export function logsumexp(x: Value, axis = -1): Value {
  return apply('logsumexp', [x], { axis: normaliseAxis(axis, x.shape.length) })
}

/** exp x / Σ exp x along an axis. */
export function softmax(x: Value, axis = -1): Value {
  return apply('softmax', [x], { axis: normaliseAxis(axis, x.shape.length) })
}

/** x − log Σ exp x along an axis. */
export function logSoftmax(x: Value, axis = -1): Value {
  return apply('logSoftmax', [x], { axis: normaliseAxis(axis, x.shape.length) })
}

function axesOf(x: Value, { axes }: Reduction): readonly number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis)
  return (typeof axes === 'number' ? [axes] : axes).map((axis) => normaliseAxis(axis, x.shape.length))
}
