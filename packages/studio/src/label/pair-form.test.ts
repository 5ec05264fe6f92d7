import { expect, test } from 'vitest'
import { comparisonOfStep, stepOf } from './pair-form.tsx'

test('an answer stands on the step it was given on, also when the sides have changed', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ])
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const answer = comparisonOfStep(step, order)
      expect(stepOf(answer, order)).toBe(step)
      expect(stepOf(answer, order.toReversed())).toBe(9 - step)
    }
  expect(stepOf({ preferred: 'tie' }, [0, 1])).toBeUndefined()
})
