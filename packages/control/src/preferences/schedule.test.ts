import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  constantLabelRate,
  hyperbolicLabelRate,
  inverseQuadraticLabelRate,
  labelSchedule,
} from './schedule.ts'

describe('labelSchedule', () => {
  it('spends the budget exactly, early labels first and then at a falling rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(constantLabelRate, hyperbolicLabelRate, inverseQuadraticLabelRate),
        (total, iterations, rate) => {
          const schedule = labelSchedule(total, { iterations, rate })
          expect(schedule.length).toBe(iterations)
          expect(schedule.reduce((a, b) => a + b, 0)).toBe(total)
          expect(schedule.every((labels) => Number.isInteger(labels) && labels >= 0)).toBe(true)
        },
      ),
    )
    const [first, ...later] = labelSchedule(700, { iterations: 11 })
    expect(first).toBe(175)
    expect(later[0]! / later.at(-1)!).toBeCloseTo(2, 0)
  })

  it('refuses budgets that are none', () => {
    expect(() => labelSchedule(0, { iterations: 2 })).toThrow('label budget of 0')
    expect(() => labelSchedule(5, { iterations: 2, first: 0 })).toThrow('first share of labels 0')
    expect(() => labelSchedule(9, { iterations: 4, rate: () => 0 })).toThrow('label rates 0, 0, 0')
    expect(() => labelSchedule(9, { iterations: 4, rate: (t) => t - 0.5 })).toThrow('label rates -0.5')
  })
})
