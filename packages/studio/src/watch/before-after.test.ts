import { expect, test } from 'vitest'
import { compared } from './before-after.tsx'

const row = (prompt: string, score: number) => ({ prompt, completion: ` ${prompt}`, score, tokens: 4 })

test('the win rate counts higher rewards prompt by prompt, ties half, whatever the order of the rows', () => {
  const before = [row('a', 1), row('b', 0), row('c', 2), row('only before', 9)]
  const after = [row('c', 2), row('a', 3), row('b', -1)]
  const { winRate, samples } = compared(before, after)
  expect(winRate!.value).toBe(0.5)
  expect(winRate!.low).toBeLessThan(0.5)
  expect(samples!.map(({ prompt, before: old, after: now }) => [prompt, old.reward, now.reward])).toEqual([
    ['a', 1, 3],
    ['b', 0, -1],
    ['c', 2, 2],
  ])
})

test('without a common prompt nothing is claimed', () => {
  expect(compared([row('a', 1)], [row('b', 1)])).toEqual({})
})
