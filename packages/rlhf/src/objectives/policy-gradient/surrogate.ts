import type { Tensor } from '@attune/grad'

/** What a surrogate reads, all [B, T]. */
export interface TokenTerms {
  /** log π_θ(a_t | s_t). */
  readonly logp: Tensor
  /** log of the importance ratio at the level chosen. */
  readonly logRatio: Tensor
  readonly advantage: Tensor
}

/** What every token gains [B, T], to be maximised, and what is worth watching [B, T]. */
export interface TokenGain {
  readonly gain: Tensor
  readonly stats: Readonly<Record<string, Tensor>>
}

/** A policy's objective for every token. */
export type TokenSurrogate = (terms: TokenTerms) => TokenGain

/** A_t log π_θ: REINFORCE (Williams 1992), for a batch that is used once. */
export const reinforce: TokenSurrogate = ({ logp, advantage }) => ({ gain: advantage.mul(logp), stats: {} })

/**
 * min(r A, clip(r, 1 − ε_low, 1 + ε_high) A): PPO-Clip, with DAPO's higher upper bound (Yu et al. 2025, clip-higher) and,
 * with `delta`, a cap on r where A < 0 (INTELLECT-2).
 */
export function clipped({
  low = 0.2,
  high = low,
  delta,
}: {
  readonly low?: number
  readonly high?: number
  readonly delta?: number
} = {}): TokenSurrogate {
  return ({ logRatio, advantage }) => {
    const ratio = logRatio.exp()
    const free = (delta === undefined ? ratio : ratio.minimum(delta)).mul(advantage)
    const held = ratio.clip(1 - low, 1 + high).mul(advantage)
    return { gain: free.minimum(held), stats: clipShares({ ratio, advantage }, { low, high }) }
  }
}

/** sg(min(r, c))·A·log π_θ: the ratio is cut, the token keeps its gradient (CISPO, MiniMax-M1 2025). */
export function cispo({ cap = 5 }: { readonly cap?: number } = {}): TokenSurrogate {
  return ({ logp, logRatio, advantage }) => {
    const ratio = logRatio.exp().stopGradient()
    const above = ratio.greater(cap).cast('float32').mul(positive(advantage))
    return { gain: ratio.minimum(cap).mul(advantage).mul(logp), stats: { cispo_clip_ratio: above } }
  }
}

/** A·(4/τ)·σ(τ(r − 1)): a soft gate in place of the clip, its τ by the sign of A (SAPO, Gao et al. 2025). */
export function softGate({
  positiveTemperature = 1,
  negativeTemperature = 1.05,
}: {
  readonly positiveTemperature?: number
  readonly negativeTemperature?: number
} = {}): TokenSurrogate {
  return ({ logRatio, advantage }) => {
    const gate = (tau: number) =>
      logRatio
        .exp()
        .sub(1)
        .mul(tau)
        .sigmoid()
        .mul(4 / tau)
    const up = positive(advantage)
    const blended = up.mul(gate(positiveTemperature)).add(up.neg().add(1).mul(gate(negativeTemperature)))
    return { gain: blended.mul(advantage), stats: {} }
  }
}

/** 1 where x > 0, else 0. */
function positive(x: Tensor): Tensor {
  return x.greater(0).cast('float32')
}

/** Where the bound holds the gain back: below when A < 0, above when A > 0. */
function clipShares(
  { ratio, advantage }: { ratio: Tensor; advantage: Tensor },
  { low, high }: { low: number; high: number },
): Record<string, Tensor> {
  const below = ratio
    .less(1 - low)
    .cast('float32')
    .mul(positive(advantage.neg()))
  const above = ratio
    .greater(1 + high)
    .cast('float32')
    .mul(positive(advantage))
  return {
    'clip_ratio/low_mean': below,
    'clip_ratio/high_mean': above,
    'clip_ratio/region_mean': below.add(above),
  }
}
