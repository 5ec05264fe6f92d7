import { clipped, grpo, sequenceMean, standardisedInGroup, tokenRatio } from '@attune/rlhf'
import { sizes } from '../../methods.ts'
import { adapted, base, device, reportSteps, row } from './model.ts'

const { prompts, group, prompt, newTokens } = sizes.online
const never = -1
await reportSteps(
  grpo(
    {
      policy: adapted(),
      reference: base,
      reward: async (samples) => samples.map(({ completion }) => completion[0]! % 2),
      prompts: (step) => Array.from({ length: prompts }, (_, i) => row(step * prompts + i, prompt)),
      objective: {
        surrogate: clipped({ low: 0.2, high: 0.2 }),
        ratio: tokenRatio,
        aggregation: sequenceMean,
        klCoefficient: 0.04,
      },
      advantage: standardisedInGroup,
    },
    {
      steps: sizes.steps,
      maxNewTokens: newTokens,
      temperature: 1,
      endOfText: never,
      groupSize: group,
      iterations: 1,
      minibatches: 1,
      microBatchSize: prompts * group,
      rewardKlCoefficient: 0,
      maskTruncated: false,
      samplingRounds: 1,
      seed: 0,
      device,
    },
  ),
)
