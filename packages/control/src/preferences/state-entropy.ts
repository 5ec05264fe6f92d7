import type { RolloutReward } from '../learn/ppo-options.ts'
import { type Standard, standardOf } from './standard.ts'

/** What states are judged by: up to 2·among of the last steps, what brings every dimension to deviation 1, and the logs' standard. */
interface Reference {
  readonly states: Float32Array
  /** Every so many of the steps is one of the states. */
  readonly stride: number
  readonly scales: Float64Array
  standard: Standard
}

/**
 * Reward of unsupervised pre-training (PEBBLE, Lee et al. 2021, eq. 4; give it to the loop as `beforeLabels`): log of the distance to
 * the k-th nearest of `among` to 2·`among` other states, a particle estimate of the entropy of the states; each dimension in units of its
 * deviation, rewards brought to mean 0 and deviation 1. Fresh steps are judged by those of the last call; before any they have 0.
 */
export function stateEntropyReward(
  observationSize: number,
  { k = 5, among = 500 }: { k?: number; among?: number } = {},
): RolloutReward {
  let reference: Reference | undefined
  return ({ observations }, fresh = false) => {
    const count = observations.length / observationSize
    if (!fresh) reference = referenceOf(observations, { size: observationSize, among })
    if (!reference) return new Float32Array(count)
    const known = reference
    const logs = Float32Array.from({ length: count }, (_, row) => {
      const state = observations.subarray(row * observationSize, (row + 1) * observationSize)
      return 0.5 * Math.log(nearest(state, known, { k, itself: fresh ? -1 : row }) + 1e-10)
    })
    if (!fresh) known.standard = standardOf(logs)
    const { mean, scale } = known.standard
    return logs.map((log) => (log - mean) * scale)
  }
}

/** Squared distance to the k-th nearest state, or the farthest where there are fewer; step `itself` is passed over. */
function nearest(
  state: Float32Array,
  { states, stride, scales }: Reference,
  { k, itself }: { k: number; itself: number },
): number {
  const size = state.length
  const squares: number[] = []
  for (let other = 0; other < states.length / size; other++) {
    if (other * stride === itself) continue
    let sum = 0
    for (let i = 0; i < size; i++) sum += ((state[i]! - states[other * size + i]!) * scales[i]!) ** 2
    squares.push(sum)
  }
  return squares.sort((a, b) => a - b)[Math.min(k, squares.length) - 1] ?? 1
}

/** States at even distances, and a scale for each dimension: 1 where it does not vary. */
function referenceOf(rows: Float32Array, { size, among }: { size: number; among: number }): Reference {
  const count = rows.length / size
  const stride = Math.max(1, Math.floor(count / among))
  const states = new Float32Array(Math.ceil(count / stride) * size)
  for (let from = 0, to = 0; from < rows.length; from += stride * size, to += size)
    states.set(rows.subarray(from, from + size), to)
  const scales = Float64Array.from({ length: size }, (_, i) => {
    const { scale } = standardOf(rows.filter((_, at) => at % size === i))
    return scale < 1e3 ? scale : 1
  })
  return { states, stride, scales, standard: { mean: 0, scale: 1 } }
}
