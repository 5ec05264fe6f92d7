import { readFileSync } from 'node:fs'
import { type NdArray, ndarray, type Tensor, valueAndGrad } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import {
  bradleyTerry,
  clippedSurrogate,
  clippedValueLoss,
  conservativeDpo,
  generalisedAdvantages,
  whiten,
} from '../src/index.ts'

interface StoredArray {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface Case {
  readonly name: string
  readonly inputs: Readonly<Record<string, StoredArray>>
  readonly loss: number
  readonly gradients: Readonly<Record<string, StoredArray>>
}

const golden = JSON.parse(readFileSync('packages/rlhf/fixtures/objectives.json', 'utf8')) as {
  readonly cases: readonly Case[]
  readonly advantages: Readonly<Record<string, StoredArray>> & { gamma: number; lambda: number }
}

type Inputs = Readonly<Record<string, Tensor>>

const objectives: Readonly<Record<string, (inputs: Inputs) => Tensor>> = {
  cdpo: (x) =>
    conservativeDpo({ beta: 0.3, flip: 0.1 })(
      { logp: x.chosen!, reference: x.referenceChosen!, length: x.chosen! },
      { logp: x.rejected!, reference: x.referenceRejected!, length: x.rejected! },
    ).mean(),
  reward: ({ better, worse, margin }) =>
    bradleyTerry(
      { better: better!, worse: worse!, margin: margin!, weight: margin!.mul(0).add(1 / margin!.shape[0]!) },
      0.01,
    ).loss,
  'ppo clip': ({ logp, oldLogp, advantage, mask }) => {
    const batch = { logp: logp!, oldLogp: oldLogp!, advantage: advantage!, mask: mask!, count: mask!.sum() }
    return clippedSurrogate(0.2)(batch, mask!.sum()).loss
  },
  'ppo value': ({ value, oldValue, returns, mask }) =>
    clippedValueLoss(
      { value: value!, oldValue: oldValue!, returns: returns!, mask: mask!, count: mask!.sum() },
      0.2,
    ).loss,
}

const arrayOf = ({ shape, data }: StoredArray) => ndarray([...data], shape)

test.each(golden.cases.map((one) => [one.name, one] as const))(
  '%s: loss and gradient are TRL’s',
  async (name, { inputs, loss, gradients }) => {
    const arrays = Object.entries(inputs).map(([key, array]) => [key, arrayOf(array)] as const)
    const differentiated = Object.fromEntries(arrays.filter(([key]) => key in gradients))
    const fixed: Record<string, NdArray> = Object.fromEntries(arrays.filter(([key]) => !(key in gradients)))
    const program = valueAndGrad<[typeof fixed]>((weights, others) =>
      objectives[name]!({ ...weights, ...(others as Inputs) }),
    )
    const result = await program(differentiated, fixed)
    expect(Math.abs(result.value - loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(loss)))
    for (const [key, { data }] of Object.entries(gradients)) {
      const largest = Math.max(...data.map(Math.abs))
      const difference = Math.max(...data.map((x, i) => Math.abs(x - result.grads[key]!.data[i]!)))
      expect(difference / largest, key).toBeLessThan(1e-5)
    }
  },
)

describe('advantages are TRL’s', () => {
  const { gamma, lambda, ...stored } = golden.advantages
  const numbers = (name: string) => Float32Array.from(stored[name]!.data)

  test('generalised advantage estimation', () => {
    const [rewards, values] = [numbers('rewards'), numbers('values')]
    const mask = new Float32Array(rewards.length).fill(1)
    const time = stored.rewards!.shape[1]!
    const { advantages, returns } = generalisedAdvantages({ rewards, values, mask, time }, { gamma, lambda })
    stored.advantages!.data.forEach((x, i) => {
      expect(advantages[i]).toBeCloseTo(x, 5)
      expect(returns[i]).toBeCloseTo(stored.returns!.data[i]!, 5)
    })
  })

  test.each([
    ['whitened', true],
    ['whitenedKeepingMean', false],
  ] as const)('%s', (name, shiftMean) => {
    const mask = numbers('mask')
    const ours = whiten(numbers('advantages'), mask, { shiftMean })
    stored[name]!.data.forEach((x, i) => {
      if (mask[i] === 1) expect(ours[i]).toBeCloseTo(x, 5)
    })
  })
})
