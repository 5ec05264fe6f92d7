import { expect, test } from 'vitest'
import { tasksOf, withId } from './item.ts'

test('where people are asked about one completion, each is an item of its own', () => {
  const item = withId({ id: 'i', prompt: 'q', completions: [{ text: 'x', model: 'm' }, { text: 'y' }] })
  expect(tasksOf(item, 'binary')).toEqual([
    { id: 'i-1', prompt: 'q', completions: [{ text: 'x', model: 'm' }] },
    { id: 'i-2', prompt: 'q', completions: [{ text: 'y' }] },
  ])
  for (const kind of ['comparison', 'ranking', 'demonstration'] as const)
    expect(tasksOf(item, kind)).toEqual([item])
  const one = withId({ prompt: 'q', completions: [{ text: 'x' }] })
  expect(tasksOf(one, 'binary')).toEqual([one])
})
