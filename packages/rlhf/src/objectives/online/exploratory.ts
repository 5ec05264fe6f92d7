import { type Tensor, where } from '@attune/grad'
import { overPairs, type PairLoss, type ScoredCompletions } from '../direct/pair.ts'
import type { Objective } from '../objective.ts'

/** A completion of the policy and one of the reference for every prompt, all [P]. */
export interface ExploratoryBatch {
  readonly own: ScoredCompletions
  readonly sampled: ScoredCompletions
  /** 1 where the policy's completion is preferred. */
  readonly ownWins: Tensor
  /** Sums to 1 over the whole batch. */
  readonly weight: Tensor
}

/**
 * XPO: a direct loss on the two completions, and α·E log π(ỹ) of the reference's ỹ, which makes the policy try what the reference
 * does not (Xie et al. 2024).
 */
export function exploratory(
  { own, sampled, ownWins, weight }: ExploratoryBatch,
  { loss, alpha, beta }: { loss: PairLoss; alpha: number; beta: number },
): Objective {
  const wins = ownWins.greater(0.5)
  const pick = (yes: ScoredCompletions, no: ScoredCompletions): ScoredCompletions => ({
    logp: where(wins, yes.logp, no.logp),
    reference: where(wins, yes.reference, no.reference),
    length: where(wins, yes.length, no.length),
  })
  const pairs = overPairs({ chosen: pick(own, sampled), rejected: pick(sampled, own), weight }, loss, beta)
  const optimism = sampled.logp.mul(weight).sum().mul(alpha)
  return {
    loss: pairs.loss.add(optimism),
    stats: { ...pairs.stats, 'loss/dpo': pairs.loss, 'loss/xpo': optimism },
  }
}
