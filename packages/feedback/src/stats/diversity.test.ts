import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinctN, repetitionRate } from './diversity.ts'

test('distinct-n counts over all texts, ignoring case', () => {
  expect(distinctN(['a b a b', 'A b'], 1)).toBeCloseTo(2 / 6, 12)
  expect(distinctN(['a b a b', 'A b'], 2)).toBeCloseTo(2 / 4, 12)
  expect(distinctN(['a'], 2)).toBe(0)
})

test('repetition counts inside each text', () => {
  // 'a b a b a': bigrams ab ba ab ba → 1 − 2/4; 'x y z': none repeated; 'w' has no bigram
  expect(repetitionRate(['a b a b a', 'x y z', 'w'], 2)).toBeCloseTo(0.25, 12)
})

test('a text repeated has the same repetition rate and half the distinct share', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 3, maxLength: 20 })
  fc.assert(
    fc.property(words, (list) => {
      const text = list.join(' ')
      expect(repetitionRate([text, text], 2)).toBeCloseTo(repetitionRate([text], 2), 12)
      expect(distinctN([text, text], 2)).toBeCloseTo(distinctN([text], 2) / 2, 12)
    }),
  )
})
