import { intArray, type NdArray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import { expect, test } from 'vitest'
import { tinyModel } from '../../test/tiny.ts'
import { parseConfig } from '../checkpoint/config.ts'

const [length, padded] = [20, 32]
const { architecture, parameters } = tinyModel(
  parseConfig(
    { model_type: 'gpt2', vocab_size: 24, n_positions: length, n_embd: 16, n_layer: 2, n_head: 2 },
    'tiny',
  ),
)
const row = (time: number) =>
  intArray(
    Array.from({ length: time }, (_, i) => (i < length ? (5 * i) % 24 : 0)),
    [1, time],
  )
const hidden = (weights: Readonly<Record<string, Tensor>>, tokens: Tensor) =>
  architecture.trunk(weights, { tokens }).hidden.slice(1, 0, length)

test('a row as long as the context may be padded beyond it', async () => {
  const states = value<[Parameters, NdArray], Tensor>(hidden)
  const [whole, longer] = [await states(parameters, row(length)), await states(parameters, row(padded))]
  expect(longer.shape).toEqual([1, length, 16])
  for (const [i, x] of whole.data.entries()) expect(Math.abs(x - longer.data[i]!)).toBeLessThan(1e-5)
})

test('its gradient is that of the row without padding', async () => {
  const loss = valueAndGrad<[NdArray]>((weights, tokens) => hidden(weights, tokens).square().mul(0.1).sum())
  const [whole, longer] = [await loss(parameters, row(length)), await loss(parameters, row(padded))]
  for (const [name, { data }] of Object.entries(whole.grads))
    for (const [i, x] of data.entries()) expect(Math.abs(x - longer.grads[name]!.data[i]!)).toBeLessThan(1e-3)
})

test('longer rows are refused', async () => {
  const states = value<[Parameters, NdArray], Tensor>(hidden)
  await expect(states(parameters, row(length + 16))).rejects.toThrow(
    'rows have 36 tokens, but the model has 20 positions (n_positions)',
  )
})
