import { expect, test } from 'vitest'
import { stopWatch } from './stop-rule.ts'

test('a rule stops the run when it held for its steps in a row', () => {
  const { reason } = stopWatch([{ metric: 'kl', above: 10, steps: 2 }])
  expect([11, 9, 12].map((kl) => reason({ kl }))).toEqual([undefined, undefined, undefined])
  expect(reason({ kl: 13.456 })).toBe('because kl was above 10 for 2 steps (now 13.5)')
})

test('below, and metrics that are not there or no number', () => {
  const { reason } = stopWatch([{ metric: 'completions/distinct_2', below: 0.5, steps: 1 }])
  expect(reason({ kl: 1 })).toBeUndefined()
  expect(reason({ 'completions/distinct_2': 0.6 })).toBeUndefined()
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY])
    expect(reason({ 'completions/distinct_2': value })).toBeUndefined()
  expect(reason({ 'completions/distinct_2': 0.4 })).toBe(
    'because completions/distinct_2 was below 0.5 for 1 step (now 0.400)',
  )
})

test('a rule on a metric that no step has is told, with the nearest name', () => {
  const { reason, unknown } = stopWatch([
    { metric: 'klx', above: 10, steps: 1 },
    { metric: 'entropy', below: 1, steps: 1 },
  ])
  expect(unknown()).toBeUndefined() // nothing has been logged yet
  reason({ kl: 1, loss: 2 })
  expect(unknown()).toContain("'klx' (did you mean 'kl'?), 'entropy' (did you mean 'loss'?)")
  reason({ entropy: 2 })
  expect(unknown()).toBe("stop_when watches what no step has logged: 'klx' (did you mean 'kl'?)")
})
