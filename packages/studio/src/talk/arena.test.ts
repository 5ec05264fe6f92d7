import { expect, test } from 'vitest'
import { pairOf } from './arena-page.tsx'

test('one chosen model meets one drawn from the others, on the side that was left open', () => {
  const models = ['a', 'b', 'c']
  expect(pairOf(['', ''], models)).toBeUndefined()
  expect(pairOf(['c', 'a'], models)).toEqual(['c', 'a'])
  expect(pairOf(['a', ''], models, () => 0)).toEqual(['a', 'b'])
  expect(pairOf(['', 'b'], models, () => 0.99)).toEqual(['c', 'b'])
})
