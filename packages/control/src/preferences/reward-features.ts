import type { Space } from '../envs/space.ts'
import { type RunningMoments, writeNormalised } from '../learn/normalise.ts'

/** Rows of (s, a) as the reward network reads them: observations normalised, discrete actions one-hot. */
export interface RewardFeatures {
  readonly width: number
  /** Writes rows [R, width] of observations [R, observation] and actions [R, action] into `into` from row `at`. */
  readonly write: (
    rows: { readonly observations: Float32Array; readonly actions: Float32Array },
    into: Float32Array,
    at: number,
  ) => void
}

/** Features for a space of actions under running statistics of the observations. */
export function rewardFeatures(moments: RunningMoments, actionSpace: Space): RewardFeatures {
  const actionWidth = actionSpace.kind === 'discrete' ? actionSpace.n : actionSpace.low.length
  const width = moments.size + actionWidth
  return {
    width,
    write: ({ observations, actions }, into, at) => {
      writeNormalised(observations, moments, { into, at, width })
      const rows = observations.length / moments.size
      for (let row = 0; row < rows; row++) {
        const start = (at + row) * width + moments.size
        if (actionSpace.kind === 'discrete') into[start + actions[row]!] = 1
        else into.set(actions.subarray(row * actionWidth, (row + 1) * actionWidth), start)
      }
    },
  }
}
