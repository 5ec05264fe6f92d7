import {
  linearLogProbs,
  type NdArray,
  ndarray,
  type Parameters,
  type Tensor,
  value,
  valueAndGrad,
} from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../src/checkpoint/config.ts'
import { architectureOf } from '../src/checkpoint/model.ts'
import { logits } from '../src/models/architecture.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './fixture.ts'

interface Golden {
  readonly config: Record<string, unknown>
  readonly parameters: Readonly<Record<string, StoredArray>>
  readonly tokens: StoredArray
  readonly mask: StoredArray
  readonly positions: StoredArray
  readonly logits: StoredArray
  readonly loss: number
  readonly gradients: Readonly<Record<string, StoredArray>>
}

interface Input {
  readonly tokens: NdArray
  readonly positions: NdArray
  readonly mask: NdArray
}

describe.each([
  'gpt2',
  'llama',
  'llama-tied',
  'llama3-rope',
  'mistral',
  'qwen2',
  'qwen3',
  'gemma',
  'gpt-neox-parallel',
  'gpt-neox-sequential',
])('%s against transformers in float64', (name) => {
  const golden = readFixture<Golden>(name)
  const architecture = architectureOf(parseConfig(golden.config, name))
  const parameters = Object.fromEntries(
    Object.entries(golden.parameters).map(([name, array]) => [name, arrayOf(array)]),
  ) as Parameters
  const input: Input = {
    tokens: arrayOf(golden.tokens),
    positions: arrayOf(golden.positions),
    mask: arrayOf(golden.mask),
  }
  const [rows, time] = golden.tokens.shape as [number, number]

  test('logits, with a row that is padded on the left', async () => {
    const program = value<[Parameters, Input], Tensor>((weights, batch) =>
      logits(architecture, weights, architecture.trunk(weights, batch).hidden),
    )
    const ours = await program(parameters, input)
    // what a model says about padding is nobody's business
    const real = (array: NdArray) =>
      [...array.data].filter((_, i) => golden.mask.data![Math.floor(i / architecture.vocabularySize)])
    expect(relativeError(real(ours), real(arrayOf(golden.logits)))).toBeLessThan(1e-5)
  })

  test('loss and the gradient of every parameter', async () => {
    const real = golden.mask.data!
    const counts = Array.from(real, (_, i) => (i % time < time - 1 ? real[i]! * real[i + 1]! : 0))
    const targets = Array.from(real, (_, i) => (i % time < time - 1 ? golden.tokens.data![i + 1]! : 0))
    const total = counts.reduce((a, b) => a + b)
    const program = valueAndGrad<[Input & { targets: NdArray; counts: NdArray }]>(
      (weights, { targets, counts, ...batch }) => {
        const { hidden } = architecture.trunk(weights, batch)
        const flat = hidden.reshape([rows * time, architecture.width])
        const logp = linearLogProbs(flat, architecture.unembedding(weights), { targets })
        return logp.mul(counts).sum().div(-total)
      },
    )
    const { value: loss, grads } = await program(parameters, {
      ...input,
      targets: arrayOf({ dtype: 'int32', shape: [rows * time], data: targets }),
      counts: ndarray(counts, [rows * time]),
    })
    expect(relativeError([loss], [golden.loss])).toBeLessThan(1e-5)
    expect(Object.keys(grads).sort()).toEqual(Object.keys(golden.gradients).sort())
    for (const [name, array] of Object.entries(golden.gradients)) {
      expect(relativeError(grads[name]!.data, arrayOf(array).data), name).toBeLessThan(1e-4)
    }
  })
})
