import { expect, test } from 'vitest'
import { accuracyByCategory } from './reward.ts'

test('accuracy is told apart by category; a tie counts ½, rows without a category are left out', () => {
  expect(
    accuracyByCategory([
      { category: 'chat', gaps: [1, -1, 0] },
      { category: 'safety', gaps: [2] },
      { gaps: [-5] },
      { category: 'chat', gaps: [3] },
    ]),
  ).toEqual([
    { category: 'chat', accuracy: 0.625, pairs: 4 },
    { category: 'safety', accuracy: 1, pairs: 1 },
  ])
})
