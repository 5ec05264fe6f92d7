import type { Tensor } from '@attune/grad'

/** What a penalty on KL(π_θ ‖ π_ref) costs a token [B, T], from log π_ref − log π_θ and the log of the importance ratio. */
export type KlPenalty = (terms: { readonly difference: Tensor; readonly logRatio: Tensor }) => Tensor

/** e^d − 1 − d, d = log π_ref/π_θ: never negative (GRPO, Shao et al. 2024). */
export const k3Penalty: KlPenalty = ({ difference }) => difference.exp().sub(1).sub(difference)

/** The same times the ratio π_θ/π_old, whose gradient is the unbiased one of the reverse KL (DeepSeek-V3.2 2025, unbiased KL estimate). */
export const correctedK3Penalty: KlPenalty = (terms) => k3Penalty(terms).mul(terms.logRatio.exp())
