import { ndarray } from '@attune/grad'
import { clippedSurrogate, fixedKl, modelReward, ppo } from '@attune/rlhf'
import { sizes } from '../../methods.ts'
import { adapted, base, device, reportSteps, row, scorer, trainable } from './model.ts'

const { prompts, group, prompt, newTokens } = sizes.online
const batch = prompts * group
const { architecture, parameters } = scorer()
const critic = Object.fromEntries(
  Object.entries(parameters).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
)
const never = -1
await reportSteps(
  ppo(
    {
      policy: adapted(),
      critic: trainable({ ...base, architecture, parameters: critic }),
      reference: base,
      reward: modelReward({ architecture, parameters }, { device }),
      prompts: (step) => Array.from({ length: batch }, (_, i) => row(step * batch + i, prompt)),
      kl: fixedKl(0.05),
      surrogate: clippedSurrogate(0.2),
    },
    {
      steps: sizes.steps,
      maxNewTokens: newTokens,
      temperature: 1,
      endOfText: never,
      missingEosPenalty: 0,
      gamma: 1,
      lambda: 0.95,
      whitenRewards: false,
      epochs: 1,
      minibatches: 1,
      microBatchSize: batch,
      valueClipRange: 0.2,
      valueCoefficient: 0.1,
      entropyCoefficient: 0,
      seed: 0,
      device,
    },
  ),
)
