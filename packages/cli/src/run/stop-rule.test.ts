import { expect, test } from 'vitest'
import { stopWatch } from './stop-rule.ts'

test('a rule stops the run when it held for its steps in a row', () => {
  const stop = stopWatch([{ metric: 'kl', above: 10, steps: 2 }])
  expect([11, 9, 12].map((kl) => stop({ kl }))).toEqual([undefined, undefined, undefined])
  expect(stop({ kl: 13.456 })).toBe('because kl was above 10 for 2 steps (now 13.5)')
})

test('below, and metrics that are not there', () => {
  const stop = stopWatch([{ metric: 'completions/distinct_2', below: 0.5, steps: 1 }])
  expect(stop({ kl: 1 })).toBeUndefined()
  expect(stop({ 'completions/distinct_2': 0.6 })).toBeUndefined()
  expect(stop({ 'completions/distinct_2': 0.4 })).toBe(
    'because completions/distinct_2 was below 0.5 for 1 step (now 0.400)',
  )
})
