import type { Tensor } from '@attune/grad'

/** Sums of predicted rewards of the two clips of every pair, how often the first was preferred, and weights; one shape. */
export interface ClipBatch {
  readonly first: Tensor
  readonly second: Tensor
  /** μ(1): 1, 0, or ½ for a tie. */
  readonly target: Tensor
  readonly weight: Tensor
}

/**
 * Cross-entropy of P̂[1 ≻ 2] = (1 − ε)·σ(Σr̂₁ − Σr̂₂) + ε/2 against the labels (Christiano et al. 2017, eq. 1): with
 * probability ε (0.1) a person answers at random, so no answer is impossible. Summed with the weights.
 */
export function lapsedPreferenceLoss({ first, second, target, weight }: ClipBatch, lapse: number): Tensor {
  const gap = first.sub(second)
  const logProbability = (logit: Tensor) =>
    lapse === 0
      ? logit.logSigmoid()
      : logit
          .sigmoid()
          .mul(1 - lapse)
          .add(lapse / 2)
          .log()
  const agreement = target.mul(logProbability(gap)).add(target.neg().add(1).mul(logProbability(gap.neg())))
  return agreement.mul(weight).sum().neg()
}

/** The same probability on numbers. */
export function preferenceOf(gap: number, lapse: number): number {
  return (1 - lapse) / (1 + Math.exp(-gap)) + lapse / 2
}
