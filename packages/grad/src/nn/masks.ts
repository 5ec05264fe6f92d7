import { ndarray } from '../ndarray.ts'
import { type Tensor, where } from '../tensor.ts'
import { constant } from '../transform.ts'

/** A score that no softmax sees; finite, so that a row with nothing visible has no NaN. */
const hidden = -1e9

/** Bias [1, 1, T, T] that hides the future. */
export function causalBias(time: number): Tensor {
  const bias = new Float32Array(time * time)
  for (let row = 0; row < time; row++) bias.fill(hidden, row * time + row + 1, (row + 1) * time)
  return constant(ndarray(bias, [1, 1, time, time]))
}

/** Bias [B, 1, T, T] that hides the keys that are neither of the query's segment nor of its parent; both int32 [B, T]. */
export function segmentBias(segments: Tensor, parents = segments): Tensor {
  const keys = segments.expandDims(1)
  const seen = keys.equal(segments.expandDims(2)).logicalOr(keys.equal(parents.expandDims(2)))
  return where(seen, 0, hidden).expandDims(1)
}

/** Bias [B, 1, 1, S] that hides the keys where the boolean mask [B, S] is false. */
export function paddingBias(mask: Tensor): Tensor {
  return where(mask, 0, hidden).reshape([mask.shape[0]!, 1, 1, mask.shape[1]!])
}
