import { type Device, type Parameters, type Tensor, value } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { rewardHead, scalarHead } from '../rollout/forward.ts'
import { lastTokens, scorePacked } from '../rollout/packed-prompts.ts'
import type { ScoringBatches } from '../rollout/reference.ts'
import { lastStates } from '../rollout/sequences.ts'
import { scoreByPrompt } from '../rollout/shared-prompts.ts'
import type { Reward } from './reward.ts'

/** A reward model as a reward: its scalar head read at every completion's last token. */
export function modelReward(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  { device, batchSize = 64, packedLength }: ScoringBatches & { device: Device },
): Reward & { readonly dispose: () => Promise<void> } {
  const score = value<[Parameters, ReturnType<typeof lastStates>], Tensor>(
    (weights, { text, last }) => {
      const { hidden } = architecture.trunk(weights, { ...text, places: last })
      return scalarHead(weights, rewardHead)(hidden)
    },
    { device },
  )
  const reward: Reward = (samples) =>
    packedLength
      ? scorePacked(
          samples,
          { width: packedLength, size: batchSize },
          async (part) => (await score(parameters, lastTokens(samples, part))).data,
        )
      : scoreByPrompt(samples, batchSize, async (rows) => (await score(parameters, lastStates(rows))).data)
  return Object.assign(reward, { dispose: score.dispose })
}
