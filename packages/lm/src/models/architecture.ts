import type { FloatArray, Parameters, Random, Shape, Tensor } from '@attune/grad'
import { ndarray, sizeOf } from '@attune/grad'

/** Keys and values of one layer: [B, K, S, D]. */
export interface LayerCache {
  readonly keys: Tensor
  readonly values: Tensor
}

/** What a trunk reads. Without `positions` they count from 0; without `past` attention is causal only. */
export interface TrunkInput {
  /** Token ids, int32 [B, T]. */
  readonly tokens: Tensor
  /** Positions, int32 [B, T]. */
  readonly positions?: Tensor
  /** Which of these tokens are real, bool [B, T]; needed only for padding on the left. */
  readonly mask?: Tensor
  /**
   * Several texts in a row: the number of each token's part, and of the part that its own goes on from (its own by default),
   * int32 [B, T]. A token sees these two parts up to its own place, and no others.
   */
  readonly segments?: Tensor
  readonly parents?: Tensor
  /**
   * Where final states are wanted, as row·T + place, int32 [N]; everywhere without it. The last block's output projection and
   * feed-forward are computed there alone.
   */
  readonly places?: Tensor
  /** Cache of earlier tokens per layer, and which of its slots are filled, bool [B, S]. */
  readonly past?: { readonly layers: readonly LayerCache[]; readonly mask: Tensor }
}

/** What a trunk computes: final hidden states [B, T, d], or [N, d] at `places`, and the new keys and values of every layer. */
export interface TrunkOutput {
  readonly hidden: Tensor
  readonly layers: readonly LayerCache[]
}

/** Geometry of the key/value cache. */
export interface CacheGeometry {
  readonly layers: number
  readonly heads: number
  readonly width: number
}

/** How a parameter starts: normal with a deviation, or one value. */
export type Initialiser = { readonly deviation: number } | { readonly fill: number }

/** A decoder-only transformer as a function of its parameters, under Hugging Face's tensor names. */
export interface Architecture {
  /** Shape and start of every parameter. */
  readonly parameters: Readonly<Record<string, { readonly shape: Shape; readonly start: Initialiser }>>
  readonly vocabularySize: number
  readonly contextLength: number
  readonly width: number
  readonly cache: CacheGeometry
  /** Name of the output embedding [V, d]; the input embedding's when tied. */
  readonly outputEmbedding: string
  /** The output embedding itself. */
  readonly unembedding: (parameters: Readonly<Record<string, Tensor>>) => Tensor
  readonly trunk: (parameters: Readonly<Record<string, Tensor>>, input: TrunkInput) => TrunkOutput
  /** Arrays that it reads beside its parameters and that never change: an adapter's base. Given as parameters, these are read instead. */
  readonly frozen?: Parameters
}

/** Random parameters of an architecture. */
export function initialise(architecture: Architecture, random: (name: string) => Random): Parameters {
  return Object.fromEntries(
    Object.entries(architecture.parameters).map(([name, { shape, start }]) => [
      name,
      'fill' in start
        ? ndarray(new Float32Array(sizeOf(shape)).fill(start.fill), shape)
        : normalArray(shape, { deviation: start.deviation, random: random(name) }),
    ]),
  )
}

/** An array of normal numbers with mean 0. */
export function normalArray(
  shape: Shape,
  { deviation, random }: { deviation: number; random: Random },
): FloatArray {
  return ndarray(
    Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()),
    shape,
  )
}

/** Logits [B, T, V] of final hidden states. */
export function logits(
  architecture: Architecture,
  parameters: Readonly<Record<string, Tensor>>,
  hidden: Tensor,
): Tensor {
  return hidden.linear(architecture.unembedding(parameters), { transposeB: true })
}

/** An output embedding that is one of the parameters. */
export function unembeddingOf(name: string): Pick<Architecture, 'outputEmbedding' | 'unembedding'> {
  return { outputEmbedding: name, unembedding: (parameters) => parameters[name]! }
}
