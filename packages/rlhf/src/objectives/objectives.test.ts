import { type NdArray, ndarray, type Tensor, value } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { crossEntropy } from './language-model.ts'
import { clippedSurrogate, clippedValueLoss, entropyBonus, penalisedSurrogate } from './ppo.ts'
import { bradleyTerry } from './reward.ts'

type Arrays = Readonly<Record<string, NdArray | number>>

/** Loss and statistics of an objective on concrete arrays. */
async function evaluate<A extends Arrays>(
  objective: (batch: { [K in keyof A]: Tensor }) => { loss: Tensor; stats: Readonly<Record<string, Tensor>> },
  batch: A,
) {
  const program = value<[A], { loss: Tensor; stats: Readonly<Record<string, Tensor>> }>((traced) =>
    objective(traced as { [K in keyof A]: Tensor }),
  )
  const { loss, stats } = await program(batch)
  const named = stats as Readonly<Record<string, NdArray>>
  return {
    loss: loss.data[0]!,
    stats: Object.fromEntries(Object.entries(named).map(([name, array]) => [name, array.data[0]!])),
  }
}

const row = (...values: number[]) => ndarray(values, [1, values.length])
const vector = (...values: number[]) => ndarray(values, [values.length])

test('cross-entropy counts the masked tokens only', async () => {
  const { loss } = await evaluate(crossEntropy, { logp: row(-1, -2, -100), mask: row(1, 1, 0), count: 2 })
  expect(loss).toBeCloseTo(1.5, 6)
})

describe('Bradley–Terry', () => {
  test('equal rewards cost ln 2', async () => {
    const batch = {
      better: vector(1, -3),
      worse: vector(1, -3),
      weight: vector(0.5, 0.5),
      margin: vector(0, 0),
    }
    const { loss, stats } = await evaluate((b) => bradleyTerry(b), batch)
    expect(loss).toBeCloseTo(Math.LN2, 6)
    expect(stats).toEqual({ accuracy: 0, margin: 0 })
  })

  test('margin and centring, by hand', async () => {
    const batch = { better: vector(2), worse: vector(0.5), weight: vector(1), margin: vector(1) }
    const { loss, stats } = await evaluate((b) => bradleyTerry(b, 0.01), batch)
    expect(loss).toBeCloseTo(Math.log1p(Math.exp(-0.5)) + 0.01 * 2.5 ** 2, 6)
    expect(stats.accuracy).toBe(1)
    expect(stats.margin).toBeCloseTo(1.5, 6)
  })

  test('large gaps neither overflow nor vanish', async () => {
    const batch = { better: vector(-500), worse: vector(500), weight: vector(1), margin: vector(0) }
    expect((await evaluate((b) => bradleyTerry(b), batch)).loss).toBeCloseTo(1000, 3)
  })
})

describe('PPO', () => {
  const base = { oldLogp: row(-1, -1, -1), mask: row(1, 1, 0), count: 2 }

  test('at the old policy the ratio is 1, nothing is clipped and the loss is −E A', async () => {
    const batch = { ...base, logp: base.oldLogp, advantage: row(3, -1, 50), coefficient: 0 }
    for (const surrogate of [clippedSurrogate(0.2), penalisedSurrogate]) {
      const { loss, stats } = await evaluate((b) => surrogate(b, b.coefficient), batch)
      expect(loss).toBeCloseTo(-1, 6)
      expect(stats['val/ratio']).toBeCloseTo(1, 6)
      expect(stats['policy/approxkl_avg']).toBe(0)
      expect(stats['policy/clipfrac_avg'] ?? 0).toBe(0)
    }
  })

  test('gains are clipped, losses are not', async () => {
    // ratios 1.5 and 1.5: A = 1 gives min(1.5, 1.2) = 1.2; A = −1 gives min(−1.5, −1.2) = −1.5
    const logp = row(-1 + Math.log(1.5), -1 + Math.log(1.5), 7)
    const batch = { ...base, logp, advantage: row(1, -1, 1), coefficient: 0 }
    const { loss, stats } = await evaluate((b) => clippedSurrogate(0.2)(b, b.coefficient), batch)
    expect(loss).toBeCloseTo(-(1.2 - 1.5) / 2, 5)
    expect(stats['policy/clipfrac_avg']).toBeCloseTo(0.5, 6)
  })

  test('the penalty is β·(r − 1 − log r)', async () => {
    const logp = row(-1 + Math.log(2), -1, 0)
    const batch = { ...base, logp, advantage: row(1, 1, 1), coefficient: 3 }
    const { loss } = await evaluate((b) => penalisedSurrogate(b, b.coefficient), batch)
    expect(loss).toBeCloseTo(-(2 - 3 * (1 - Math.LN2) + 1) / 2, 5)
  })

  test('the value loss takes the worse of the free and the clipped error', async () => {
    // V = 1, V_old = 0: held at 0.2; R = 2 → max(1, 3.24); R = 0 → max(1, 0.04)
    const batch = { value: row(1, 1), oldValue: row(0, 0), returns: row(2, 0), mask: row(1, 1), count: 2 }
    const { loss, stats } = await evaluate((b) => clippedValueLoss(b, 0.2), batch)
    expect(loss).toBeCloseTo(0.5 * ((3.24 + 1) / 2), 5)
    expect(stats['val/clipfrac_avg']).toBeCloseTo(0.5, 6)
  })

  test('the entropy bonus is minus the mean entropy', async () => {
    const { loss } = await evaluate(entropyBonus, { entropy: row(1, 2, 9), mask: row(1, 1, 0), count: 2 })
    expect(loss).toBeCloseTo(-1.5, 6)
  })
})
