import { apply, type Value } from '../graph/node.ts'
import { intArray } from '../ndarray.ts'
import { cast, constant, equal } from './elementwise.ts'
import { expandDims, normaliseAxis, transpose } from './shape.ts'

/** Slices of `operand` along an axis at int32 `indices`; axis 0 is an embedding look-up. */
export function gather(operand: Value, indices: Value, axis = 0): Value {
  const along = normaliseAxis(axis, operand.shape.length)
  if (along === 0) return apply('gather', [operand, indices], {})
  const rank = operand.shape.length
  const front = [along, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== along)]
  const taken = apply('gather', [transpose(operand, front), indices], {})
  const lead = indices.shape.length
  const rest = Array.from({ length: rank - 1 }, (_, i) => lead + i)
  const middle = Array.from({ length: lead }, (_, i) => i)
  return transpose(taken, [...rest.slice(0, along), ...middle, ...rest.slice(along)])
}

/** `operand` with `updates` added to its rows at int32 `indices`; repeated indices add up. */
export function scatterAdd(operand: Value, indices: Value, updates: Value): Value {
  return apply('scatterAdd', [operand, indices, updates], {})
}

/** Elements picked along an axis, one index per output element (torch.gather). */
export function takeAlongAxis(operand: Value, indices: Value, axis = -1): Value {
  return apply('takeAlongAxis', [operand, indices], { axis: normaliseAxis(axis, operand.shape.length) })
}

/** `operand` with `updates` added at `indices` along an axis; the derivative of `takeAlongAxis`. */
export function putAlongAxisAdd(
  inputs: readonly [operand: Value, indices: Value, updates: Value],
  axis = -1,
): Value {
  return apply('putAlongAxisAdd', inputs, { axis: normaliseAxis(axis, inputs[0].shape.length) })
}

/** Float vectors with a one at int32 `indices`: shape [indices…, depth]. */
export function oneHot(indices: Value, depth: number): Value {
  const classes = constant(
    intArray(
      Array.from({ length: depth }, (_, i) => i),
      [depth],
    ),
  )
  return cast(equal(expandDims(indices, -1), classes), 'float32')
}
