import type { Tensor } from '@attune/grad'
import { maskedMean, type Objective } from './objective.ts'

/** What the policy's objective reads, all [B, T] but the scalar count of masked tokens. */
export interface PolicyBatch {
  /** log π_θ(a_t | s_t), with a path for derivatives. */
  readonly logp: Tensor
  /** log π_old(a_t | s_t), of the policy that sampled. */
  readonly oldLogp: Tensor
  readonly advantage: Tensor
  readonly mask: Tensor
  readonly count: Tensor
}

/** A policy's objective; `coefficient` is what an adaptive variant adapts between iterations. */
export type Surrogate = (batch: PolicyBatch, coefficient: Tensor) => Objective

/** PPO-Clip: E min(r_t A_t, clip(r_t, 1 − ε, 1 + ε) A_t), r_t = π_θ/π_old (Schulman et al. 2017, eq. 7). */
export function clippedSurrogate(clipRange = 0.2): Surrogate {
  return ({ logp, oldLogp, advantage, mask, count }) => {
    const logRatio = logp.sub(oldLogp)
    const ratio = logRatio.exp() // r_t(θ)
    const bounded = ratio.clip(1 - clipRange, 1 + clipRange)
    const gain = ratio.mul(advantage).minimum(bounded.mul(advantage))
    const clipped = bounded.mul(advantage).less(ratio.mul(advantage)).cast('float32')
    return {
      loss: maskedMean(gain, mask, count).neg(),
      stats: {
        'policy/clipfrac_avg': maskedMean(clipped, mask, count),
        ...ratioStats(logRatio, { mask, count }),
      },
    }
  }
}

/** PPO-Penalty: E [r_t A_t − β KL(π_old ‖ π_θ)] with an adaptive β (Schulman et al. 2017, adaptive KL penalty coefficient). */
export const penalisedSurrogate: Surrogate = ({ logp, oldLogp, advantage, mask, count }, coefficient) => {
  const logRatio = logp.sub(oldLogp)
  const ratio = logRatio.exp()
  const divergence = ratio.sub(1).sub(logRatio) // ≥ 0, unbiased for KL(π_old ‖ π_θ) under π_old
  const gain = ratio.mul(advantage).sub(divergence.mul(coefficient))
  return {
    loss: maskedMean(gain, mask, count).neg(),
    stats: { 'policy/kl_old': maskedMean(divergence, mask, count), ...ratioStats(logRatio, { mask, count }) },
  }
}

/** Values [B, T] now and when sampled, their targets, and where they count. */
export interface ValueBatch {
  readonly value: Tensor
  readonly oldValue: Tensor
  readonly returns: Tensor
  readonly mask: Tensor
  readonly count: Tensor
}

/** ½ E max((V − R)², (clip(V, V_old ± ε) − R)²): the value loss of PPO's implementations (Ziegler et al. 2019). */
export function clippedValueLoss(
  { value, oldValue, returns, mask, count }: ValueBatch,
  clipRange = 0.2,
): Objective {
  const bounded = value.clip(oldValue.sub(clipRange), oldValue.add(clipRange))
  const free = value.sub(returns).square()
  const held = bounded.sub(returns).square()
  return {
    loss: maskedMean(free.maximum(held), mask, count).mul(0.5),
    stats: { 'val/clipfrac_avg': maskedMean(free.less(held).cast('float32'), mask, count) },
  }
}

/** −E H(π(· | s_t)): minimised, it keeps the policy random. entropy, mask: [B, T]. */
export function entropyBonus({
  entropy,
  mask,
  count,
}: {
  entropy: Tensor
  mask: Tensor
  count: Tensor
}): Objective {
  const mean = maskedMean(entropy, mask, count)
  return { loss: mean.neg(), stats: { 'policy/entropy_avg': mean } }
}

/** Mean ratio and ½ E (log r)², an estimate of KL(π_old ‖ π_θ). */
function ratioStats(
  logRatio: Tensor,
  { mask, count }: { mask: Tensor; count: Tensor },
): Record<string, Tensor> {
  return {
    'policy/approxkl_avg': maskedMean(logRatio.square(), mask, count).mul(0.5),
    'val/ratio': maskedMean(logRatio.exp(), mask, count),
  }
}
