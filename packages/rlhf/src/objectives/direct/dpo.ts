import type { Tensor } from '@attune/grad'
import { type Divergence, reverseKl } from './divergence.ts'
import { logRatio, meanLogRatio, type PairLoss, type ScoredCompletions } from './pair.ts'

/** h = s(y_w) − s(y_l), s the log-ratio log π/π_ref (or its like under another divergence). */
function gap(chosen: ScoredCompletions, rejected: ScoredCompletions, score: Divergence = reverseKl): Tensor {
  return score(logRatio(chosen)).sub(score(logRatio(rejected)))
}

/** DPO: −log σ(β h) (Rafailov et al. 2023, eq. 7); under another f-divergence, Wang et al. 2024. */
export function dpo({ beta, divergence }: { beta: number; divergence?: Divergence }): PairLoss {
  return (chosen, rejected) => gap(chosen, rejected, divergence).mul(beta).logSigmoid().neg()
}

/** DPO on log-ratios per token: −log σ(β (h_w/|y_w| − h_l/|y_l|)) (Lambert et al. 2024, Tülu 3). */
export function lengthNormalisedDpo({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) => meanLogRatio(chosen).sub(meanLogRatio(rejected)).mul(beta).logSigmoid().neg()
}

/** SLiC's hinge on DPO's margin: max(0, 1 − β h) (Zhao et al. 2023; Liu et al. 2024). */
export function hinge({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) => gap(chosen, rejected).mul(-beta).add(1).relu()
}

/** IPO: (h_w/|y_w| − h_l/|y_l| − 1/(2τ))² (Azar et al. 2023, eq. 17, on log-ratios per token). */
export function ipo({ tau }: { tau: number }): PairLoss {
  return (chosen, rejected) =>
    meanLogRatio(chosen)
      .sub(meanLogRatio(rejected))
      .sub(1 / (2 * tau))
      .square()
}

/** cDPO: −(1 − ε) log σ(β h) − ε log σ(−β h) for labels that are flipped with probability ε (Mitchell 2023). */
export function conservativeDpo({ beta, flip }: { beta: number; flip: number }): PairLoss {
  return (chosen, rejected) => smoothed(gap(chosen, rejected).mul(beta), flip)
}

/** Robust DPO: (−(1 − ε) log σ(β h) + ε log σ(−β h))/(1 − 2ε), unbiased under flips (Chowdhury et al. 2024). Throws unless ε < ½. */
export function robustDpo({ beta, flip }: { beta: number; flip: number }): PairLoss {
  if (!(flip >= 0 && flip < 0.5)) throw new RangeError(`flip is ${flip}, expected a probability below ½`)
  return (chosen, rejected) => {
    const margin = gap(chosen, rejected).mul(beta)
    const straight = margin.logSigmoid().mul(1 - flip)
    const flipped = margin.neg().logSigmoid().mul(flip)
    return flipped.sub(straight).div(1 - 2 * flip)
  }
}

/** EXO: KL of (σ(βh), σ(−βh)) from (1 − ε, ε) (Ji et al. 2024, eq. 16). Throws unless 0 < ε < 1. */
export function exo({ beta, flip }: { beta: number; flip: number }): PairLoss {
  if (!(flip > 0 && flip < 1))
    throw new RangeError(`flip is ${flip}, expected a probability above 0 (1e-3 in the paper)`)
  return (chosen, rejected) => {
    const margin = gap(chosen, rejected).mul(beta)
    const straight = margin.sigmoid().mul(margin.logSigmoid().sub(Math.log(1 - flip)))
    const flipped = margin
      .neg()
      .sigmoid()
      .mul(margin.neg().logSigmoid().sub(Math.log(flip)))
    return straight.add(flipped)
  }
}

/** NCA: −log σ(r_w) − ½ log σ(−r_w) − ½ log σ(−r_l), r = β log π/π_ref (Chen et al. 2024, with two responses). */
export function nca({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) => {
    const better = logRatio(chosen).mul(beta)
    const worse = logRatio(rejected).mul(beta)
    const noise = better.neg().logSigmoid().add(worse.neg().logSigmoid())
    return better.logSigmoid().add(noise.mul(0.5)).neg()
  }
}

/** BCO on pairs without a shift: −log σ(r_w) − log σ(−r_l) (Jung et al. 2024). */
export function bcoPair({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) =>
    logRatio(chosen).mul(beta).logSigmoid().add(logRatio(rejected).mul(-beta).logSigmoid()).neg()
}

/** SPPO with hard labels: (log π/π_ref(y_w) − 1/(2β))² + (log π/π_ref(y_l) + 1/(2β))² (Wu et al. 2024). */
export function sppoHard({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) =>
    logRatio(chosen)
      .sub(0.5 / beta)
      .square()
      .add(
        logRatio(rejected)
          .add(0.5 / beta)
          .square(),
      )
}

/** APO-zero: 1 − σ(r_w) + σ(r_l): chosen up, rejected down (D'Oosterlinck et al. 2024). */
export function apoZero({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) =>
    logRatio(rejected).mul(beta).sigmoid().sub(logRatio(chosen).mul(beta).sigmoid()).add(1)
}

/** APO-down: σ(r_w) + 1 − σ(r_w − r_l): both down, rejected more (D'Oosterlinck et al. 2024). */
export function apoDown({ beta }: { beta: number }): PairLoss {
  return (chosen, rejected) =>
    logRatio(chosen).mul(beta).sigmoid().sub(gap(chosen, rejected).mul(beta).sigmoid()).add(1)
}

/** DiscoPOP: log-ratio-modulated mix of −log σ(βh) and e^(−βh) (Lu et al. 2024, the discovered LRML loss). */
export function discoPop({ beta, tau = 0.05 }: { beta: number; tau?: number }): PairLoss {
  return (chosen, rejected) => {
    const margin = gap(chosen, rejected).mul(beta)
    const modulation = margin.div(tau).sigmoid()
    const logistic = margin.logSigmoid().neg()
    return logistic.add(modulation.mul(margin.neg().exp().sub(logistic)))
  }
}

/** −(1 − ε) log σ(m) − ε log σ(−m). */
export function smoothed(margin: Tensor, flip: number): Tensor {
  return margin
    .logSigmoid()
    .mul(1 - flip)
    .add(margin.neg().logSigmoid().mul(flip))
    .neg()
}
