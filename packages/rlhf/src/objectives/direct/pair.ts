import type { Tensor } from '@attune/grad'
import type { Objective } from '../objective.ts'

/** One completion of every pair, all [P]: Σ_t log π(y_t), Σ_t log π_ref(y_t) (zeros without a reference), and its tokens. */
export interface ScoredCompletions {
  readonly logp: Tensor
  readonly reference: Tensor
  readonly length: Tensor
}

/** A loss for every pair: two scored completions → [P]. */
export type PairLoss = (chosen: ScoredCompletions, rejected: ScoredCompletions) => Tensor

/** Pairs, and the weight of each [P], which sums to 1 over the whole batch. */
export interface PairBatch {
  readonly chosen: ScoredCompletions
  readonly rejected: ScoredCompletions
  readonly weight: Tensor
}

/** log π(y)/π_ref(y), whose β-fold is DPO's implicit reward (Rafailov et al. 2023). */
export function logRatio({ logp, reference }: Pick<ScoredCompletions, 'logp' | 'reference'>): Tensor {
  return logp.sub(reference)
}

/** The same per token. */
export function meanLogRatio(scored: ScoredCompletions): Tensor {
  return logRatio(scored).div(scored.length)
}

/** The weighted mean of a loss over pairs, with the implicit rewards β·log π/π_ref that it leads to. */
export function overPairs({ chosen, rejected, weight }: PairBatch, loss: PairLoss, beta: number): Objective {
  const mean = (x: Tensor) => x.mul(weight).sum()
  const better = logRatio(chosen).mul(beta)
  const worse = logRatio(rejected).mul(beta)
  return {
    loss: mean(loss(chosen, rejected)),
    stats: {
      'rewards/chosen': mean(better),
      'rewards/rejected': mean(worse),
      'rewards/margins': mean(better.sub(worse)),
      'rewards/accuracies': mean(better.greater(worse).cast('float32')),
      'logps/chosen': mean(chosen.logp),
      'logps/rejected': mean(rejected.logp),
    },
  }
}
