import { expect, test } from 'vitest'
import {
  centredInGroup,
  centredThenStandardised,
  leaveOneOut,
  scaledByBatch,
  standardisedInBatch,
  standardisedInGroup,
  uniformGroups,
} from './group.ts'

const scores = [1, 0, 0, 1, 2, 2, 2, 2]
const close = (ours: readonly number[], expected: readonly number[]) =>
  ours.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i]!, 4)
  })

test('GRPO divides by the deviation of the group with n − 1 below', () => {
  const deviation = Math.sqrt(1 / 3) + 1e-4
  const half = 0.5 / deviation
  close(standardisedInGroup(scores, 4), [half, -half, -half, half, 0, 0, 0, 0])
})

test('Dr. GRPO only centres', () => {
  expect(centredInGroup(scores, 4)).toEqual([0.5, -0.5, -0.5, 0.5, 0, 0, 0, 0])
})

test('leave-one-out compares with the mean of the others', () => {
  close(leaveOneOut(scores, 4), [2 / 3, -2 / 3, -2 / 3, 2 / 3, 0, 0, 0, 0])
  expect(() => leaveOneOut([1, 2], 1)).toThrow(/a group needs 2 or more/)
})

test('leave-one-out is n/(n − 1) times the centred score', () => {
  close(
    leaveOneOut(scores, 4),
    centredInGroup(scores, 4).map((x) => (x * 4) / 3),
  )
})

test('the batch has mean 0 and deviation 1', () => {
  for (const advantage of [standardisedInBatch, centredThenStandardised]) {
    const values = advantage(scores, 4)
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1)
    expect(mean).toBeCloseTo(0, 6)
    expect(variance).toBeCloseTo(1, 2)
  }
})

test('scaled by the batch: the ratio of centred scores is kept between groups', () => {
  const [first, , , , second] = scaledByBatch([1, 0, 10, 0, 4, 0], 2)
  expect(second! / first!).toBeCloseTo(4, 6)
})

test('groups of one score are counted', () => {
  expect(uniformGroups(scores, 4)).toBe(0.5)
})

test('a group that is not whole is refused', () => {
  expect(() => standardisedInGroup([1, 2, 3], 2)).toThrow('3 completions are no whole groups of 2')
})
