import type { Tensor } from '@attune/grad'
import type { Objective } from './objective.ts'

/** Rewards of the better and the worse completion of every pair [P], their weights [P] and margins [P]. */
export interface ComparisonBatch {
  readonly better: Tensor
  readonly worse: Tensor
  /** Sums to 1 over the whole batch: 1/P for pairs, 1/(n·C(K, 2)) for n rankings of K. */
  readonly weight: Tensor
  /** m(r) of Llama 2 (Touvron et al. 2023, reward modeling): how much better the better one must be. */
  readonly margin: Tensor
}

/**
 * −E log σ(r(x, y_w) − r(x, y_l) − m) (Bradley–Terry; InstructGPT's reward modeling, with all pairs of a ranking in one batch),
 * plus c·E (r_w + r_l)², which centres rewards on zero (Eisenstein et al. 2023).
 */
export function bradleyTerry({ better, worse, weight, margin }: ComparisonBatch, centring = 0): Objective {
  const gap = better.sub(worse)
  const pairwise = gap.sub(margin).logSigmoid().mul(weight).sum().neg()
  const centre = better.add(worse).square().mul(weight).sum()
  return {
    loss: centring === 0 ? pairwise : pairwise.add(centre.mul(centring)),
    stats: { accuracy: gap.greater(0).cast('float32').mul(weight).sum(), margin: gap.mul(weight).sum() },
  }
}
