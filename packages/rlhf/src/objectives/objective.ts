import type { Tensor } from '@attune/grad'

/** A scalar to minimise, with scalars worth watching. Every mean is a sum over this batch divided by a given count,
 * so that losses and statistics of micro-batches add up to those of the whole batch. */
export interface Objective {
  readonly loss: Tensor
  readonly stats: Readonly<Record<string, Tensor>>
}

/** Σ x·mask / count. x, mask: [B, T]; count: scalar, the mask's total over the whole batch. */
export function maskedMean(x: Tensor, mask: Tensor, count: Tensor): Tensor {
  return x.mul(mask).sum().div(count)
}
