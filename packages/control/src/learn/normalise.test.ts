import { expect, test } from 'vitest'
import { rewardScaler, runningMoments } from './normalise.ts'

test('no rows change no statistics', () => {
  const moments = runningMoments(2)
  moments.update(Float32Array.of(1, 2, 3, 5))
  const before = moments.state()
  moments.update(new Float32Array(0))
  expect(moments.state()).toEqual(before)
})

test('saved statistics of other sizes are refused, and nothing is changed', () => {
  const moments = runningMoments(2)
  const before = moments.state()
  expect(() => moments.restore({ count: 1, mean: [1, 2], variance: [1] })).toThrow(
    'the saved statistics are of 1 elements, expected 2',
  )
  expect(moments.state()).toEqual(before)
  const scaler = rewardScaler(2, 0.9)
  const other = rewardScaler(1, 0.9)
  other.scale(Float32Array.of(3, 4), Uint8Array.of(0, 0))
  const stand = scaler.state()
  expect(() => scaler.restore(other.state())).toThrow(
    'the saved reward sums are of 1 environments, expected 2',
  )
  expect(scaler.state()).toEqual(stand)
})
