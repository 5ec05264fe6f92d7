import { cpu } from '@attune/grad'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tinyTrainable } from '../../test/tiny.ts'
import { densityRatios } from './density-ratio.ts'
import { logisticRegression } from './logistic-regression.ts'

const device = cpu({ threads: 1 })

test('the classifier is where its objective has no slope', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true })
  const row = fc.record({ x: fc.tuple(number, number), label: fc.boolean() })
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), (drawn) => {
      const rows = [...drawn, { x: [1, 0], label: true }, { x: [0, 1], label: false }]
      const points = rows.map(({ x }) => Float64Array.from(x))
      const labels = rows.map(({ label }) => label)
      const probability = logisticRegression(points, labels)
      const logit = (x: readonly number[]) => {
        const p = probability(Float64Array.from(x))
        return Math.log(p / (1 - p))
      }
      const b = logit([0, 0])
      const w = [logit([1, 0]) - b, logit([0, 1]) - b]
      const count = (kind: boolean) => labels.filter((label) => label === kind).length
      const slope = (of: (i: number) => number) =>
        points.reduce((sum, point, i) => {
          const share = rows.length / (2 * count(labels[i]!))
          return sum + share * (probability(point) - Number(labels[i])) * of(i)
        }, 0)
      expect(slope(() => 1)).toBeCloseTo(0, 6)
      for (const j of [0, 1]) expect(w[j]! + slope((i) => points[i]![j]!)).toBeCloseTo(0, 6)
    }),
  )
})

test('one feature, by hand: w solves w = 2(1 − σ(w))', () => {
  const probability = logisticRegression(
    [1, -1].map((x) => Float64Array.of(x)),
    [true, false],
  )
  const p = probability(Float64Array.of(1))
  expect(Math.log(p / (1 - p))).toBeCloseTo(2 * (1 - p), 8)
  expect(probability(Float64Array.of(0))).toBeCloseTo(0.5, 8)
  expect(() => logisticRegression([Float64Array.of(1)], [true])).toThrow(/both classes/)
})

test('disliked rows weigh more where liked ones ask the same, less where they never do, within the bounds', async () => {
  const model = tinyTrainable()
  const [common, rare] = [
    [1, 2, 3],
    [9, 8, 7, 6],
  ]
  const judged = Array.from({ length: 60 }, (_, i) => {
    const desirable = i % 2 === 0
    const prompt = [...((desirable ? i % 20 !== 0 : i % 20 === 1) ? common : rare)]
    return { prompt, desirable }
  })
  const weights = await densityRatios(judged, model, { device })
  const of = (prompt: readonly number[]) =>
    weights.filter((_, i) => !judged[i]!.desirable && judged[i]!.prompt.join() === prompt.join())
  expect(new Set(of(common)).size).toBe(1)
  expect(of(common)[0]!).toBeGreaterThan(3)
  expect(of(rare)[0]!).toBe(0.5)
  for (const [i, { desirable }] of judged.entries()) if (desirable) expect(weights[i]).toBe(1)
  const free = await densityRatios(judged, model, { least: 0, most: 1e9, device })
  const total = free.filter((_, i) => !judged[i]!.desirable).reduce((a, b) => a + b, 0)
  expect(total / 30).toBeGreaterThan(0.7) // importance weights have mean 1
  expect(total / 30).toBeLessThan(1.3)
})

test('prompts of one distribution keep weights near 1', async () => {
  const judged = Array.from({ length: 40 }, (_, i) => ({
    prompt: [1 + ((i >> 1) % 5), 2],
    desirable: i % 2 === 0,
  }))
  for (const weight of await densityRatios(judged, tinyTrainable(), { device }))
    expect(weight).toBeCloseTo(1, 5)
})
