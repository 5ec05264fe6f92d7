import type { Tensor } from '@attune/grad'
import { smoothed } from './dpo.ts'
import type { PairLoss, ScoredCompletions } from './pair.ts'

/** Mean log-probability of a token. */
function meanLogp({ logp, length }: ScoredCompletions): Tensor {
  return logp.div(length)
}

/** SimPO: −log σ(β (log π(y_w)/|y_w| − log π(y_l)/|y_l|) − γ) (Meng et al. 2024). */
export function simPo({ beta, gamma }: { beta: number; gamma: number }): PairLoss {
  return (chosen, rejected) =>
    meanLogp(chosen).sub(meanLogp(rejected)).mul(beta).sub(gamma).logSigmoid().neg()
}

/** CPO's preference term: DPO with a uniform reference (Xu et al. 2024); add `completionLoss` for its second term. */
export function cpo({ beta, flip = 0 }: { beta: number; flip?: number }): PairLoss {
  return (chosen, rejected) => smoothed(chosen.logp.sub(rejected.logp).mul(beta), flip)
}

/** AlphaPO: SimPO with the reward (1 − p^(−α))/α of p = exp(log π(y)/|y|) (Gupta et al. 2025). At α = 0 it is SimPO. */
export function alphaPo({ beta, gamma, alpha }: { beta: number; gamma: number; alpha: number }): PairLoss {
  if (alpha === 0) return simPo({ beta, gamma })
  const reward = (scored: ScoredCompletions) => meanLogp(scored).mul(-alpha).exp().sub(1).div(-alpha)
  return (chosen, rejected) => reward(chosen).sub(reward(rejected)).mul(beta).sub(gamma).logSigmoid().neg()
}

/** ORPO's odds-ratio term: −β log σ(log odds(y_w)/odds(y_l)), odds p/(1 − p) of p = exp(log π(y)/|y|) (Hong et al. 2024, eq. 7). */
export function orpo({ beta }: { beta: number }): PairLoss {
  const logOdds = (scored: ScoredCompletions) => {
    const logp = meanLogp(scored)
    return logp.sub(logp.exp().neg().log1p())
  }
  return (chosen, rejected) => logOdds(chosen).sub(logOdds(rejected)).logSigmoid().mul(-beta)
}

/** Cross-entropy of the chosen completion per token: RPO's, CPO's and ORPO's supervised term. */
export const completionLoss: PairLoss = (chosen) => meanLogp(chosen).neg()

/** Σ w_i · L_i: several losses on the same pairs (RPO, Pang et al. 2024; MPO, Wang et al. 2024). */
export function sumOfLosses(
  parts: readonly { readonly loss: PairLoss; readonly weight: number }[],
): PairLoss {
  return (chosen, rejected) =>
    parts
      .map(({ loss, weight }) => loss(chosen, rejected).mul(weight))
      .reduce((total, term) => total.add(term))
}
