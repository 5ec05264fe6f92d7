import { expect, test } from 'vitest'
import type { Comparison } from '../model/comparison.ts'
import { agreementByGroup, answersOf, effortOf } from './slices.ts'

const judged = (
  item: string,
  preferred: Comparison['preferred'],
  group?: string,
  seconds?: number,
): Comparison => ({
  kind: 'comparison',
  item,
  annotator: { id: `${item}-${group}`, source: 'person', group },
  time: '2026-01-01T00:00:00.000Z',
  protocol: '1',
  prompt: 'q',
  completions: ['x', 'y'],
  preferred,
  durationSeconds: seconds,
})

test('whose preferences a model follows', () => {
  const judgments = [
    judged('a', 0, 'old'),
    judged('b', 1, 'old'),
    judged('a', 1, 'young'),
    judged('b', 'tie'),
  ]
  // The model prefers the first of a and scores b's equally.
  const found = agreementByGroup(judgments, (item, completion) => (item === 'a' ? 1 - completion : 0))
  expect([...found]).toEqual([
    ['old', { agreed: 1.5, compared: 2 }],
    ['young', { agreed: 0, compared: 1 }],
  ])
  expect(answersOf(judgments).map(({ value }) => value)).toEqual(['0', '1', '1', 'tie'])
})

test('time and money of judgments', () => {
  const judgments = [
    judged('a', 0, 'g', 30),
    judged('b', 0, 'g', 60),
    judged('c', 0, 'g', 90),
    judged('d', 0),
  ]
  const effort = effortOf(judgments, { hourlyWage: 18 })
  expect(effort).toEqual({ timed: 3, totalSeconds: 180, medianSeconds: 60, costPerJudgment: 0.3 })
  expect(() => effortOf([judged('d', 0)])).toThrow('durationSeconds')
})
