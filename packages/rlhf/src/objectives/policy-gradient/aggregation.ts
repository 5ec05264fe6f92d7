import type { Tensor } from '@attune/grad'

/** What the sums are divided by, of the whole batch, so that micro-batches add up: scalars. */
export interface Counts {
  readonly sequences: Tensor
  readonly tokens: Tensor
}

/** A scalar from a value for every token [B, T], its mask and the whole batch's counts. */
export type Aggregation = (x: Tensor, mask: Tensor, counts: Counts) => Tensor

/** Mean over sequences of the mean over their tokens: GRPO (Shao et al. 2024). */
export const sequenceMean: Aggregation = (x, mask, { sequences }) => {
  const length = mask.sum({ axes: 1 }).maximum(1)
  return x.mul(mask).sum({ axes: 1 }).div(length).sum().div(sequences)
}

/** Mean over all tokens of the batch: DAPO (Yu et al. 2025, token-level policy gradient loss). */
export const tokenMean: Aggregation = (x, mask, { tokens }) => x.mul(mask).sum().div(tokens)

/** Sum over tokens by sequences·constant length, without length's bias: Dr. GRPO (Liu et al. 2025). */
export function constantLength(length: number): Aggregation {
  return (x, mask, { sequences }) => x.mul(mask).sum().div(sequences.mul(length))
}

/** Mean over sequences of the sum over their tokens: REINFORCE on whole sequences. */
export const sequenceSum: Aggregation = (x, mask, { sequences }) => x.mul(mask).sum().div(sequences)
