import { directPreference, dpo, sequenceLogProbs } from '@attune/rlhf'
import { sizes } from '../../methods.ts'
import { adapted, base, device, reportSteps, row } from './model.ts'

const { pairs, prompt, completion } = sizes.direct
const end = base.tokenizer.endOfText!
const data = Array.from({ length: pairs * sizes.steps }, (_, i) => ({
  prompt: row(i, prompt),
  chosen: [...row(i + 1000, completion), end],
  rejected: [...row(i + 2000, completion), end],
}))
await reportSteps(
  directPreference(adapted(), data, {
    loss: dpo({ beta: 0.1 }),
    beta: 0.1,
    reference: sequenceLogProbs(base, { device, batchSize: 2 * pairs }),
    batchSize: pairs,
    steps: sizes.steps,
    seed: 0,
    device,
  }),
)
