import { boolArray, type FloatArray, type NdArray, ndarray } from '@attune/grad'
import type { CacheGeometry } from '../models/architecture.ts'

/** Keys and values of one layer as concrete arrays [B, K, S, D]. */
export interface CachedLayer {
  readonly keys: FloatArray
  readonly values: FloatArray
}

/** The key/value cache of a batch: fixed capacity S, filled column by column, never read back from a program. */
export interface KeyValueCache {
  readonly layers: readonly CachedLayer[]
  /** Which slots hold a real token: bool [B, S]. */
  readonly mask: NdArray
  /**
   * Puts new keys and values [U, K, T, D] of every layer at the next T columns; `real` says which [U, T] count. Row b takes those of
   * row `sources[b]`; without `sources` each takes its own, and U is B.
   */
  readonly append: (
    layers: readonly { keys: NdArray; values: NdArray }[],
    real: Uint8Array,
    sources?: readonly number[],
  ) => void
}

/** An empty cache for a batch. */
export function keyValueCache(
  { layers, heads, width }: CacheGeometry,
  { batch, capacity }: { batch: number; capacity: number },
): KeyValueCache {
  // `fill` maps every page at once; a page first read and then written column by column is mapped twice
  const empty = () =>
    ndarray(new Float32Array(batch * heads * capacity * width).fill(0), [batch, heads, capacity, width])
  const cached = Array.from({ length: layers }, () => ({ keys: empty(), values: empty() }))
  const mask = boolArray(new Uint8Array(batch * capacity), [batch, capacity])
  let length = 0

  const own = Array.from({ length: batch }, (_, row) => row)
  const append: KeyValueCache['append'] = (fresh, real, sources = own) => {
    const time = fresh[0]!.keys.shape[2]!
    if (length + time > capacity)
      throw new RangeError(`the cache holds ${capacity} tokens, ${length + time} are needed`)
    fresh.forEach(({ keys, values }, layer) => {
      putColumns(keys, cached[layer]!.keys, { first: length, sources })
      putColumns(values, cached[layer]!.values, { first: length, sources })
    })
    for (const [row, source] of sources.entries()) {
      ;(mask.data as Uint8Array).set(
        real.subarray(source * time, (source + 1) * time),
        row * capacity + length,
      )
    }
    length += time
  }
  return { layers: cached, mask, append }
}

/** Writes row `sources[b]` of [U, K, T, D] into row b of [B, K, S, D] from column `first` on. */
function putColumns(
  from: NdArray,
  to: FloatArray,
  { first, sources }: { first: number; sources: readonly number[] },
) {
  const [, heads, time, width] = from.shape as [number, number, number, number]
  const capacity = to.shape[2]!
  const [source, target] = [from.data as Float32Array, to.data as Float32Array]
  const block = time * width
  for (const [row, place] of sources.entries()) {
    for (let head = 0; head < heads; head++) {
      const read = (place * heads + head) * block
      const write = ((row * heads + head) * capacity + first) * width
      // blocks of one token are too short to be worth a view each
      for (let i = 0; i < block; i++) target[write + i] = source[read + i]!
    }
  }
}
