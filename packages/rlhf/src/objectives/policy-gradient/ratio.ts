import type { Tensor } from '@attune/grad'

/** log of the importance ratio π_θ/π_old for every token [B, T], from that of the tokens and their mask. */
export type RatioLevel = (logRatio: Tensor, mask: Tensor) => Tensor

/** Every token its own ratio (PPO, GRPO). */
export const tokenRatio: RatioLevel = (logRatio) => logRatio

/** One ratio a sequence: the geometric mean of its tokens' (GSPO, Zheng et al. 2025). */
export const sequenceRatio: RatioLevel = (logRatio, mask) => {
  const length = mask.sum({ axes: 1, keepDims: true }).maximum(1)
  return logRatio.mul(mask).sum({ axes: 1, keepDims: true }).div(length).broadcastTo(mask.shape)
}

/** One ratio a sequence: the product of its tokens', π_θ(y|x)/π_old(y|x) (RLOO as TRL has it). */
export const wholeSequenceRatio: RatioLevel = (logRatio, mask) =>
  logRatio.mul(mask).sum({ axes: 1, keepDims: true }).broadcastTo(mask.shape)
