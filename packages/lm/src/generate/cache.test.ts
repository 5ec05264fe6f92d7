import { ndarray } from '@attune/grad'
import { expect, test } from 'vitest'
import { keyValueCache } from './cache.ts'

const geometry = { layers: 1, heads: 2, width: 1 }
/** One column [B, 2, 1, 1] whose numbers say the row and the head. */
const column = (rows: readonly number[], tenth: number) => {
  const data = rows.flatMap((row) => [10 * row + tenth, 10 * row + tenth + 0.5])
  const array = ndarray(data, [rows.length, 2, 1, 1])
  return [{ keys: array, values: array }]
}

test('a kept cache goes on where the rows were, and the old one is left alone', () => {
  const cache = keyValueCache(geometry, { batch: 3, capacity: 3 })
  cache.append(column([1, 2], 0), Uint8Array.of(1, 0), [0, 1, 0])
  expect([...cache.layers[0]!.keys.data]).toEqual([
    10, 0, 0, 10.5, 0, 0, 20, 0, 0, 20.5, 0, 0, 10, 0, 0, 10.5, 0, 0,
  ])
  expect([...cache.mask.data]).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0])
  const before = cache.layers[0]!.values.data.slice()
  const fewer = cache.kept([2, 1])
  fewer.append(column([3, 4], 1), Uint8Array.of(1, 1))
  expect([...fewer.layers[0]!.values.data]).toEqual([10, 31, 0, 10.5, 31.5, 0, 20, 41, 0, 20.5, 41.5, 0])
  expect([...fewer.mask.data]).toEqual([1, 1, 0, 0, 1, 0])
  expect(cache.layers[0]!.values.data).toEqual(before)
  fewer.append(column([3, 4], 2), Uint8Array.of(1, 1))
  expect(() => fewer.append(column([3, 4], 3), Uint8Array.of(1, 1))).toThrow(/holds 3 tokens, 4 are needed/)
})
