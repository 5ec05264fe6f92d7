import { describe, expect, test } from 'vitest'
import { generalisedAdvantages, whiten } from './gae.ts'
import { adaptiveKl, doublingKl, fixedKl, klEstimators } from './kl.ts'
import { rewardToGo } from './token.ts'

describe('generalised advantage estimation', () => {
  const mask = Float32Array.of(0, 1, 1, 0)

  test('by hand: γ = 0.9, λ = 0.5', () => {
    const rewards = Float32Array.of(0, 1, 2, 0)
    const values = Float32Array.of(9, 0.5, 1.5, 9)
    const { advantages, returns } = generalisedAdvantages(
      { rewards, values, mask, time: 4 },
      { gamma: 0.9, lambda: 0.5 },
    )
    // δ₂ = 2 − 1.5 = 0.5; δ₁ = 1 + 0.9·1.5 − 0.5 = 1.85; A₁ = 1.85 + 0.45·0.5
    expect([...advantages].map((a) => Number(a.toFixed(5)))).toEqual([0, 2.075, 0.5, 0])
    expect(returns[1]).toBeCloseTo(2.575, 5)
    expect(returns[2]).toBeCloseTo(2, 5)
  })

  test('γ = λ = 1 gives the reward to come, whatever the values', () => {
    const rewards = Float32Array.of(0, 1, 2, 0)
    const { returns } = generalisedAdvantages(
      { rewards, values: Float32Array.of(0, 5, -3, 0), mask, time: 4 },
      { gamma: 1, lambda: 1 },
    )
    expect(returns[1]).toBeCloseTo(3, 5)
    expect(returns[2]).toBeCloseTo(2, 5)
  })

  test('rows do not leak into one another', () => {
    const both = {
      rewards: Float32Array.of(1, 0, 1, 10),
      values: new Float32Array(4),
      mask: Float32Array.of(1, 1, 1, 1),
      time: 2,
    }
    const { advantages } = generalisedAdvantages(both, { gamma: 1, lambda: 1 })
    expect([...advantages]).toEqual([1, 0, 11, 10])
  })
})

test('whitening: mean 0 and variance 1 over the mask, zeros elsewhere; or the mean kept', () => {
  const x = Float32Array.of(1, 2, 3, 99)
  const mask = Float32Array.of(1, 1, 1, 0)
  expect([...whiten(x, mask)].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([-1, 0, 1, 0])
  expect([...whiten(x, mask, { shiftMean: false })].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([
    1, 2, 3, 0,
  ])
})

test('KL estimators by hand', () => {
  expect(klEstimators.k1(0.5)).toBe(0.5)
  expect(klEstimators.k2(-2)).toBe(2)
  expect(klEstimators.k3(Math.LN2)).toBeCloseTo(0.5 - 1 + Math.LN2, 10)
  expect(klEstimators.k3(0)).toBe(0)
})

describe('KL controllers', () => {
  test('fixed', () => {
    const kl = fixedKl(0.1)
    kl.update(100, 64)
    expect(kl.coefficient()).toBe(0.1)
  })

  test("Ziegler's: proportional error clipped at ±0.2", () => {
    const kl = adaptiveKl({ initial: 0.2, target: 6, horizon: 1000 })
    kl.update(6.6, 100)
    expect(kl.coefficient()).toBeCloseTo(0.2 * (1 + 0.1 * 0.1), 10)
    kl.restore(1)
    kl.update(60, 100)
    expect(kl.coefficient()).toBeCloseTo(1.02, 10)
    kl.update(0, 100)
    expect(kl.coefficient()).toBeCloseTo(1.02 * 0.98, 10)
  })

  test('PPO-Penalty doubles and halves outside a factor of 1.5', () => {
    const kl = doublingKl({ initial: 1, target: 0.01 })
    kl.update(0.016, 1)
    expect(kl.coefficient()).toBe(2)
    kl.update(0.011, 1)
    expect(kl.coefficient()).toBe(2)
    kl.update(0.005, 1)
    expect(kl.coefficient()).toBe(1)
  })
})

test('rewards to go by hand: score 3 with penalties −1 and −2, score 1 without, over three tokens', () => {
  const advantages = rewardToGo.perToken({
    scores: [3, 1],
    penalties: Float32Array.of(0, -1, -2, 0, 0, 0),
    mask: Float32Array.of(0, 1, 1, 0, 1, 0),
    time: 3,
  })
  // 3 − 1 − 2 = 0, 3 − 2 = 1, and 1: mean 2/3, variance with n − 1 below 1/3
  expect([...advantages].map((a) => Number(a.toFixed(4)))).toEqual([0, -1.1547, 0.5774, 0, 0.5774, 0])
})
