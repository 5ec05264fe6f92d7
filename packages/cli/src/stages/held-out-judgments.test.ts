import { expect, test } from 'vitest'
import { accuracyByCategory, heldOutReport, surestMistakes } from './held-out-judgments.ts'

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

test('the surest mistakes: judgments whose worst completion has the higher reward, the widest gap first', () => {
  const scores = [
    [1, 0],
    [0, 0.5],
    [-1, 5, 2],
    [3, 3],
  ]
  expect(surestMistakes(scores)).toEqual([2, 1])
})

test('a report has accuracy before and after, the mean margin, and pairs with their rewards', () => {
  const judgments = [
    {
      prompt: [9, 1],
      completions: [
        [2, 3],
        [4, 5],
      ],
    },
    { prompt: [9, 6], completions: [[7], [8]] },
  ]
  const report = heldOutReport(judgments, {
    before: [
      [0, 1],
      [2, 0],
    ],
    after: [
      [1, -1],
      [0, 3],
    ],
    tokenizer: { decode: (ids) => [...ids].join(' '), beginOfText: 9 },
  })
  expect(report).toMatchObject({
    ...{ rewardAccuracyBefore: 0.5, rewardAccuracy: 0.5, rewardMargin: -0.5, pairs: 2 },
    mistakes: [
      {
        prompt: '6',
        chosen: { text: '7', before: 2, after: 0 },
        rejected: { text: '8', before: 0, after: 3 },
      },
    ],
  })
  expect(report.samples).toHaveLength(2)
})
