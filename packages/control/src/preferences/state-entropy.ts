import { type MomentsState, runningMoments } from '../learn/normalise.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'

/** A reward whose running statistics a checkpoint holds. */
export type StateEntropyReward = RolloutReward & {
  readonly state: () => MomentsState
  readonly restore: (state: MomentsState) => void
}

/**
 * Reward of unsupervised pre-training (PEBBLE, Lee et al. 2021, eq. 4; give it to the loop as `beforeLabels`): log of the distance to
 * the k-th nearest of up to `among` other states of the rollout, a particle estimate of the entropy of the states; each dimension in
 * units of its running deviation, rewards brought to mean 0 and deviation 1.
 */
export function stateEntropyReward(
  observationSize: number,
  { k = 5, among = 500 }: { k?: number; among?: number } = {},
): StateEntropyReward {
  const moments = runningMoments(observationSize)
  const reward: RolloutReward = ({ observations }) => {
    moments.update(observations)
    const scales = moments.variance.map((variance) => 1 / Math.sqrt(variance + 1e-8))
    const count = observations.length / observationSize
    const stride = Math.max(1, Math.floor(count / among))
    const logs = new Float32Array(count)
    for (let row = 0; row < count; row++) {
      const squares: number[] = []
      for (let other = 0; other < count; other += stride) {
        if (other === row) continue
        let sum = 0
        for (let i = 0; i < observationSize; i++) {
          const gap =
            (observations[row * observationSize + i]! - observations[other * observationSize + i]!) *
            scales[i]!
          sum += gap * gap
        }
        squares.push(sum)
      }
      const nearest = squares.sort((a, b) => a - b)[Math.min(k, squares.length) - 1]!
      logs[row] = 0.5 * Math.log(nearest + 1e-10)
    }
    return standardised(logs)
  }
  return Object.assign(reward, { state: moments.state, restore: moments.restore })
}

function standardised(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  return values.map((x) => (x - mean) / Math.sqrt(variance + 1e-8))
}
