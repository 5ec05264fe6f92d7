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
  /** A cache of these rows alone, with what they hold so far. */
  readonly kept: (rows: readonly number[]) => KeyValueCache
}

/** An empty cache for a batch. */
export function keyValueCache(
  { layers, heads, width }: CacheGeometry,
  { batch, capacity }: { batch: number; capacity: number },
): KeyValueCache {
  // `fill` maps every page at once; a page first read and then written column by column is mapped twice
  const empty = () =>
    ndarray(new Float32Array(batch * heads * capacity * width).fill(0), [batch, heads, capacity, width])
  return cacheOf(
    Array.from({ length: layers }, () => ({ keys: empty(), values: empty() })),
    { mask: boolArray(new Uint8Array(batch * capacity), [batch, capacity]), length: 0 },
  )
}

/** A cache whose first `length` columns are filled. */
function cacheOf(
  layers: readonly CachedLayer[],
  { mask, length: filled }: { mask: NdArray; length: number },
): KeyValueCache {
  const [batch, capacity] = mask.shape as [number, number]
  let length = filled
  const own = Array.from({ length: batch }, (_, row) => row)
  const append: KeyValueCache['append'] = (fresh, real, sources = own) => {
    const time = fresh[0]!.keys.shape[2]!
    if (length + time > capacity)
      throw new RangeError(`the cache holds ${capacity} tokens, ${length + time} are needed`)
    fresh.forEach(({ keys, values }, layer) => {
      putColumns(keys, layers[layer]!.keys, { first: length, sources })
      putColumns(values, layers[layer]!.values, { first: length, sources })
    })
    const slots = mask.data as Uint8Array
    for (const [row, source] of sources.entries())
      slots.set(real.subarray(source * time, (source + 1) * time), row * capacity + length)
    length += time
  }
  const kept: KeyValueCache['kept'] = (rows) => {
    const shape = (array: NdArray) => [rows.length, ...array.shape.slice(1)]
    const fewer = (array: FloatArray) => ndarray(rowsOf(array.data, { rows, batch }), shape(array))
    return cacheOf(
      layers.map(({ keys, values }) => ({ keys: fewer(keys), values: fewer(values) })),
      { mask: boolArray(rowsOf(mask.data as Uint8Array, { rows, batch }), shape(mask)), length },
    )
  }
  return { layers, mask, append, kept }
}

/** The given rows of an array whose first axis is the batch. */
function rowsOf<A extends Float32Array | Uint8Array>(
  data: A,
  { rows, batch }: { rows: readonly number[]; batch: number },
): A {
  const size = data.length / batch
  const picked = data.slice(0, rows.length * size) as A
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * size, (row + 1) * size), i * size)
  return picked
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
