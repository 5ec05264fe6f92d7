import type { Tensor } from '@attune/grad'
import type { Objective } from './objective.ts'

/** Steps of all rows: logits of wrong and right at the end of each [N, 2], whether it is right [N], and the whole batch's count. */
export interface StepBatch {
  readonly logits: Tensor
  readonly right: Tensor
  readonly weight: Tensor
}

/** −E log p(label of a step), p the softmax over wrong and right at the step's last token (Lightman et al. 2023, process-supervised reward models). */
export function processReward({ logits, right, weight }: StepBatch): Objective {
  const gap = logits
    .slice(1, 1, 2)
    .squeeze(1)
    .sub(logits.slice(1, 0, 1).squeeze(1))
  const margin = gap.mul(right.mul(2).sub(1))
  return {
    loss: margin.logSigmoid().mul(weight).sum().neg(),
    stats: { accuracy: margin.greater(0).cast('float32').mul(weight).sum() },
  }
}
