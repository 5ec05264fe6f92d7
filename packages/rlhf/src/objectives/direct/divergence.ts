import type { Tensor } from '@attune/grad'

/** f′(π/π_ref) up to a constant, as a function of log π/π_ref: what takes the log-ratio's place in DPO (Wang et al. 2024). */
export type Divergence = (logRatio: Tensor) => Tensor

/** KL(π ‖ π_ref), plain DPO: f′(u) = log u + 1. */
export const reverseKl: Divergence = (logRatio) => logRatio

/** KL(π_ref ‖ π): f′(u) = −1/u. */
export const forwardKl: Divergence = (logRatio) => logRatio.neg().exp().neg()

/** Jensen–Shannon: f′(u) = log(2u/(1 + u)) = log σ(log u) + log 2. */
export const jensenShannon: Divergence = (logRatio) => logRatio.logSigmoid()

/** α-divergence: f′(u) = u^(α − 1)/(α − 1) for α other than 1, with the exponent cut at 80 as in TRL. Throws at 1. */
export function alphaDivergence(alpha: number): Divergence {
  if (alpha === 1) throw new RangeError('the α-divergence of 1 is the reverse KL: use reverseKl')
  return (logRatio) =>
    logRatio
      .mul(alpha - 1)
      .minimum(80)
      .exp()
      .div(alpha - 1)
}
