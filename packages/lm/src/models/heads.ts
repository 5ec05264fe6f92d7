import {
  causalBias,
  constant,
  intArray,
  type PastAttention,
  paddingBias,
  segmentBias,
  type Tensor,
} from '@attune/grad'
import type { TrunkInput } from './architecture.ts'

/** [B, T, H·D] → [B, H, T, D]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, width] = x.shape as [number, number, number]
  return x.reshape([batch, time, heads, width / heads]).transpose([0, 2, 1, 3])
}

/** [B, H, T, D] → [B, T, H·D]. */
export function mergeHeads(x: Tensor): Tensor {
  const [batch, heads, time, width] = x.shape as [number, number, number, number]
  return x.transpose([0, 2, 1, 3]).reshape([batch, time, heads * width])
}

/** Bias among the new tokens: the future, the padding and other parts are hidden. */
export function attentionBias({ tokens, mask, segments, parents }: TrunkInput): Tensor {
  const causal = causalBias(tokens.shape[1]!)
  const real = mask ? causal.add(paddingBias(mask)) : causal
  return segments ? real.add(segmentBias(segments, parents)) : real
}

/** Positions [B, T] as given, or counting from 0 for every row. */
export function positionsOf({ tokens, positions }: TrunkInput): Tensor {
  if (positions) return positions
  const time = tokens.shape[1]!
  return constant(
    intArray(
      Int32Array.from({ length: time }, (_, i) => i),
      [1, time],
    ),
  ).broadcastTo(tokens.shape)
}

/** States [B, T, d] at `places` [N, d] if these are asked for. */
export function atPlaces(x: Tensor, { places }: TrunkInput): Tensor {
  return places ? x.reshape([-1, x.shape[2]!]).gather(places) : x
}

/** The cached keys and values of each layer, with the bias of their mask. */
export function pastOf({ past }: TrunkInput): (layer: number) => PastAttention | undefined {
  if (!past) return () => undefined
  const bias = paddingBias(past.mask)
  return (layer) => ({ ...past.layers[layer]!, bias })
}
