import { concat, type Tensor } from '../tensor.ts'

/** Keys and values of earlier positions, with a bias that hides the unused ones. */
export interface PastAttention {
  /** [B, K, S, D] with K key/value heads. */
  readonly keys: Tensor
  readonly values: Tensor
  /** Added to the scores of the past: [B, 1, 1, S]. */
  readonly bias: Tensor
}

/** Queries [B, H, T, D], keys and values [B, K, T, D] with H a multiple of K (grouped queries, Ainslie et al. 2023). */
export interface AttentionInput {
  readonly queries: Tensor
  readonly keys: Tensor
  readonly values: Tensor
  /** Added to the scores: broadcasts to [B, 1, T, T]; `causalBias` and padding masks. */
  readonly bias: Tensor
  readonly past?: PastAttention | undefined
}

/** softmax(QKᵀ/√D + bias)·V (Vaswani et al. 2017, eq. 1), over past and new positions under one softmax → [B, H, T, D]. */
export function attention({ queries, keys, values, bias, past }: AttentionInput): Tensor {
  const [batch, heads, time, width] = queries.shape as [number, number, number, number]
  const keyHeads = keys.shape[1]!
  const group = heads / keyHeads
  const grouped = queries.reshape([batch, keyHeads, group * time, width]) // heads of one group share keys
  const scoresOf = (k: Tensor, hidden: Tensor) => {
    const scale = 1 / Math.sqrt(width)
    const isSingle = k.shape[2] === 1 // a product of rows is faster than a matrix product
    const scores = isSingle
      ? grouped.mul(k).sum({ axes: 3, keepDims: true }).mul(scale)
      : grouped.matmul(k, { transposeB: true, alpha: scale })
    if (group === 1) return scores.add(hidden)
    const perHead = scores.reshape([batch, keyHeads, group, time, k.shape[2]!])
    return perHead.add(hidden.expandDims(hidden.shape.length - 3)).reshape(scores.shape)
  }
  if (!past) {
    const weights = scoresOf(keys, bias).softmax(-1)
    return weights.matmul(values).reshape([batch, heads, time, width])
  }
  const seen = past.keys.shape[2]!
  const weights = concat([scoresOf(past.keys, past.bias), scoresOf(keys, bias)], -1).softmax(-1)
  const [before, now] = weights.split([seen, time], -1) as [Tensor, Tensor]
  const mixedNow = time === 1 ? now.mul(values) : now.matmul(values)
  return before.matmul(past.values).add(mixedNow).reshape([batch, heads, time, width])
}
