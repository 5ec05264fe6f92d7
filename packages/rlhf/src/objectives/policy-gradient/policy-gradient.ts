import type { Tensor } from '@attune/grad'
import type { Objective } from '../objective.ts'
import type { Aggregation, Counts } from './aggregation.ts'
import { type KlPenalty, k3Penalty } from './penalty.ts'
import type { RatioLevel } from './ratio.ts'
import type { TokenSurrogate } from './surrogate.ts'

/** What a policy gradient reads: arrays [B, T] and the whole batch's counts. */
export interface PolicyGradientBatch extends Counts {
  readonly logp: Tensor
  /** log π_old; on the first use of a batch it is log π_θ itself, without its gradient. */
  readonly oldLogp: Tensor
  /** log π_ref, where there is a penalty. */
  readonly referenceLogp?: Tensor | undefined
  readonly advantage: Tensor
  readonly mask: Tensor
}

/** An algorithm of the family: what a token gains, at which level ratios are taken, and how tokens are averaged. */
export interface PolicyGradient {
  readonly surrogate: TokenSurrogate
  readonly ratio: RatioLevel
  readonly aggregation: Aggregation
  /** β of the penalty on KL(π_θ ‖ π_ref) of every token; 0 needs no reference. */
  readonly klCoefficient: number
  /** What the penalty costs; default: `k3Penalty`. */
  readonly klPenalty?: KlPenalty
}

/** −aggregate(gain − β·penalty) (Shao et al. 2024). */
export function policyGradient(
  { surrogate, ratio, aggregation, klCoefficient, klPenalty = k3Penalty }: PolicyGradient,
  { logp, oldLogp, referenceLogp, advantage, mask, ...counts }: PolicyGradientBatch,
): Objective {
  const logRatio = ratio(logp.sub(oldLogp), mask)
  const { gain, stats } = surrogate({ logp, logRatio, advantage })
  const mean = (x: Tensor) => x.mul(mask).sum().div(counts.tokens)
  const watched = Object.fromEntries(Object.entries(stats).map(([name, x]) => [name, mean(x)]))
  if (!referenceLogp) return { loss: aggregation(gain, mask, counts).neg(), stats: watched }
  const divergence = klPenalty({ difference: referenceLogp.sub(logp), logRatio })
  return {
    loss: aggregation(gain.sub(divergence.mul(klCoefficient)), mask, counts).neg(),
    stats: { ...watched, kl: mean(divergence) },
  }
}
