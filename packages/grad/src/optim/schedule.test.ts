import { expect, it } from 'vitest'
import { constantRate, cosineRate, linearRate, withWarmup } from './schedule.ts'

const first = (schedule: (step: number) => number, count: number) =>
  Array.from({ length: count }, (_, step) => Number(schedule(step).toFixed(6)))

it('stays constant', () => {
  expect(first(constantRate(0.5), 3)).toEqual([0.5, 0.5, 0.5])
})

it('falls in a line and stays there', () => {
  expect(first(linearRate({ from: 1, steps: 4 }), 6)).toEqual([1, 0.75, 0.5, 0.25, 0, 0])
  expect(first(linearRate({ from: 1, to: 3, steps: 2 }), 4)).toEqual([1, 2, 3, 3])
})

it('falls along half a cosine', () => {
  expect(first(cosineRate({ from: 2, to: 1, steps: 3 }), 5)).toEqual([2, 1.75, 1.25, 1, 1])
})

it('warms up from 0 to the start of what follows', () => {
  const schedule = withWarmup(2, linearRate({ from: 1, steps: 2 }))
  expect(first(schedule, 6)).toEqual([0, 0.5, 1, 0.5, 0, 0])
})
