import { type MomentsState, runningMoments } from '../learn/normalise.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'
import { standardOf } from './standard.ts'

/** A reward whose running statistics a checkpoint holds. */
export type StateEntropyReward = RolloutReward & {
  readonly state: () => MomentsState
  readonly restore: (state: MomentsState) => void
}

/**
 * Reward of unsupervised pre-training (PEBBLE, Lee et al. 2021, eq. 4; give it to the loop as `beforeLabels`): log of the distance to
 * the k-th nearest of up to `among` other states, a particle estimate of the entropy of the states; each dimension in units of its
 * running deviation, rewards brought to mean 0 and deviation 1. Neighbours are sought in the last rollout of many states: a few fresh ones
 * are judged by those.
 */
export function stateEntropyReward(
  observationSize: number,
  { k = 5, among = 500 }: { k?: number; among?: number } = {},
): StateEntropyReward {
  const moments = runningMoments(observationSize)
  let known = { states: new Float32Array(0), stride: 1, count: 0 }
  let standard = { mean: 0, scale: 1 }
  const logsOf = (observations: Float32Array, own: boolean) => {
    const scales = moments.variance.map((variance) => 1 / Math.sqrt(variance + 1e-8))
    return Float32Array.from({ length: observations.length / observationSize }, (_, row) => {
      const squares: number[] = []
      for (let other = 0; other < known.states.length / observationSize; other++) {
        if (own && other * known.stride === row) continue
        let sum = 0
        for (let i = 0; i < observationSize; i++) {
          const gap =
            (observations[row * observationSize + i]! - known.states[other * observationSize + i]!) *
            scales[i]!
          sum += gap * gap
        }
        squares.push(sum)
      }
      const nearest = squares.sort((a, b) => a - b)[Math.min(k, squares.length) - 1] ?? 1
      return 0.5 * Math.log(nearest + 1e-10)
    })
  }
  const reward: RolloutReward = ({ observations }) => {
    const count = observations.length / observationSize
    const many = count >= Math.min(among, known.count + 1)
    if (many) {
      moments.update(observations)
      known = { ...everyNth(observations, { size: observationSize, most: among }), count }
    }
    const logs = logsOf(observations, many)
    if (many) standard = standardOf(logs)
    return logs.map((x) => (x - standard.mean) * standard.scale)
  }
  return Object.assign(reward, { state: moments.state, restore: moments.restore })
}

/** Rows of `size` numbers at even distances, at most twice as many as asked for. */
function everyNth(rows: Float32Array, { size, most }: { size: number; most: number }) {
  const count = rows.length / size
  const stride = Math.max(1, Math.floor(count / most))
  const states = new Float32Array(Math.ceil(count / stride) * size)
  for (let from = 0, to = 0; from < rows.length; from += stride * size, to += size)
    states.set(rows.subarray(from, from + size), to)
  return { states, stride }
}
