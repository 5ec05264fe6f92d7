import { type Device, type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { scoreByLength } from '../rollout/chunks.ts'
import { rewardHead, scalarAt } from '../rollout/forward.ts'
import { lastPositions, lengthOf, paddedLength, sequenceBatch } from '../rollout/sequences.ts'
import type { Reward } from './reward.ts'

/** A reward model as a reward: its scalar head read at every completion's last token. */
export function modelReward(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  { device, batchSize = 64 }: { device: Device; batchSize?: number },
): Reward & { readonly dispose: () => Promise<void> } {
  const score = value<[Parameters, { tokens: NdArray; last: NdArray }], Tensor>(
    (weights, { tokens, last }) => {
      const { hidden } = architecture.trunk(weights, { tokens })
      return scalarAt(hidden, weights, { head: rewardHead, positions: last })
    },
    { device },
  )
  const reward: Reward = (samples) =>
    scoreByLength(samples, { size: batchSize, length: lengthOf }, async (rows) => {
      const time = paddedLength(rows)
      const { tokens } = sequenceBatch(rows, time)
      return (await score(parameters, { tokens, last: lastPositions(rows, time) })).data
    })
  return Object.assign(reward, { dispose: score.dispose })
}
