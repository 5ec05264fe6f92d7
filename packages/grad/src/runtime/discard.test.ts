import { expect, it } from 'vitest'
import { ndarray, type Parameters } from '../ndarray.ts'
import { valueAndGrad } from '../transform.ts'
import { cpu } from './device.ts'
import { discard } from './discard.ts'

it('frees the memory of large gradients before the next run', async () => {
  const size = 40e6
  const square = valueAndGrad((parameters) => parameters.w!.mul(parameters.w!).sum(), {
    device: cpu({ threads: 1 }),
  })
  const parameters: Parameters = { w: ndarray(new Float32Array(size).fill(1), [size]) }
  let { grads } = await square(parameters)
  const held = process.memoryUsage().arrayBuffers
  discard(grads)
  expect(grads).toEqual({})
  await new Promise(setImmediate) // Node gives memory back between turns of its loop
  // a few bytes may have come meanwhile
  expect(held - process.memoryUsage().arrayBuffers).toBeGreaterThan(0.99 * 4 * size)
  ;({ grads } = await square(parameters)) // and the program goes on
  expect(grads.w!.data[size - 1]).toBe(2)
  await square.dispose()
})
