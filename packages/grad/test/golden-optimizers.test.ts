import { describe, expect, test } from 'vitest'
import {
  adamw,
  cosineRate,
  linearRate,
  ndarray,
  type Optimizer,
  type Parameters,
  sgd,
  withWarmup,
} from '../src/index.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './golden.ts'

type Arrays = Readonly<Record<string, StoredArray>>

interface Trajectory {
  readonly norms: readonly number[]
  readonly parameters: readonly Arrays[]
}

const golden = readFixture<{
  readonly start: Arrays
  readonly gradients: readonly Arrays[]
  readonly adamw: Trajectory
  readonly 'adamw clipped to 1': Trajectory
  readonly sgd: Trajectory
  readonly schedules: { readonly linear: readonly number[]; readonly cosine: readonly number[] }
}>('optimizers')

const concrete = (arrays: Arrays) =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, ndarray([...array.data], array.shape)]),
  ) as Parameters

const adam = { learningRate: 0.05, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 }

describe('ten steps as torch.optim takes them', () => {
  test.each<[string, Optimizer, Trajectory]>([
    ['AdamW, matrices decaying', adamw(adam), golden.adamw],
    ['AdamW, clipped', adamw({ ...adam, maxGradientNorm: 1 }), golden['adamw clipped to 1']],
    ['SGD with momentum', sgd({ learningRate: 0.05, momentum: 0.9 }), golden.sgd],
  ])('%s', (_, optimizer, { norms, parameters: trajectory }) => {
    const parameters = concrete(golden.start)
    for (const [step, expected] of trajectory.entries()) {
      const { gradientNorm } = optimizer.update(parameters, concrete(golden.gradients[step]!))
      if (norms.length > 0) expect(gradientNorm).toBeCloseTo(norms[step]!, 5)
      for (const [name, array] of Object.entries(expected)) {
        expect(relativeError(parameters[name]!.data, arrayOf(array).data)).toBeLessThan(1e-5)
      }
    }
  })
})

test('schedules are those of transformers', () => {
  const rates = { from: 0.3, steps: 16 }
  for (const [name, schedule] of [
    ['linear', withWarmup(4, linearRate(rates))],
    ['cosine', withWarmup(4, cosineRate(rates))],
  ] as const) {
    golden.schedules[name].forEach((rate, step) => {
      expect(schedule(step)).toBeCloseTo(rate, 7)
    })
  }
})
