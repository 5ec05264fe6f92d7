import type { Tensor } from '@attune/grad'

/** What tells how likely a completion is to be the policy's own: log π(y_t) and log Σ_v π(v)² [B, T], and where y is. */
export interface PolicyTokens {
  readonly logp: Tensor
  readonly collision: Tensor
  readonly mask: Tensor
}

/**
 * WPO's weight of a completion [B]: exp(1/|y| Σ_t (log π(y_t) − log Σ_v π(v)²)), a constant to the gradient (Zhou et al. 2024,
 * eq. 2 with its alignment by Σ_v π(v)²); it is near 1 where the policy would write so itself.
 */
export function onPolicyWeight({ logp, collision, mask }: PolicyTokens): Tensor {
  const length = mask.sum({ axes: 1 })
  return logp.sub(collision).mul(mask).sum({ axes: 1 }).div(length).exp().stopGradient()
}
