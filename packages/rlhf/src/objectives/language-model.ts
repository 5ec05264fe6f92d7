import type { Tensor } from '@attune/grad'
import { maskedMean, type Objective } from './objective.ts'

/** Token log-probabilities log π(y_t | y_<t) [B, T], where they count [B, T], and how many count in the whole batch. */
export interface TokenBatch {
  readonly logp: Tensor
  readonly mask: Tensor
  readonly count: Tensor
}

/** Cross-entropy of a causal language model, −E log π(y_t | y_<t), over the tokens of the mask. */
export function crossEntropy({ logp, mask, count }: TokenBatch): Objective {
  const loss = maskedMean(logp, mask, count).neg()
  return { loss, stats: {} }
}
