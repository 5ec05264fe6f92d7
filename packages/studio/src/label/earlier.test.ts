import { expect, test } from 'vitest'
import {
  earlierChecks,
  earlierComment,
  earlierGrades,
  earlierPreference,
  earlierRanking,
  earlierText,
} from './earlier.ts'

/** What no form has kept and no answer is. */
const strange = [
  undefined,
  null,
  7,
  'x',
  [],
  {},
  { order: [0, 0], tied: 3, comment: 1, text: {}, ratings: 'x' },
]
const scales = [{ name: 'Helpful', low: 1, high: 7 }]
const rules = [{ id: 'short' }, { id: 'kind' }]

test('a ranking comes back from its own draft and from the answer that was taken back', () => {
  expect(earlierRanking({ order: [2, 0, 1], tied: [2] }, 3)).toEqual({ order: [2, 0, 1], tied: [2] })
  const answer = { kind: 'ranking', prompt: 'p', completions: ['a', 'b', 'c'], order: [2, 0, 1], ties: [1] }
  expect(earlierRanking(answer, 3)).toEqual({ order: [2, 0, 1], tied: [0] })
  expect(earlierRanking({ kind: 'ranking', order: [1, 0] }, 2)).toEqual({ order: [1, 0], tied: [] })
  expect(earlierRanking({ order: [1, 0], tied: [] }, 3)).toBeUndefined()
})

test('what was written comes back, whichever kind of text it was', () => {
  expect(earlierText({ text: 'half' })).toBe('half')
  expect(earlierText({ kind: 'critique', completion: 'the answer', text: 'too long' })).toBe('too long')
  expect(earlierText({ kind: 'demonstration', completion: 'mine' })).toBe('mine')
  expect(earlierText({ kind: 'edit', before: 'was', after: 'were' })).toBe('were')
})

test('grades and checks come back; what the protocol does not have is left out', () => {
  expect(earlierGrades({ Helpful: 4, Other: 2 }, scales)).toEqual({ Helpful: 4 })
  const ratings = [{ scale: 'Helpful', value: 4 }]
  expect(earlierGrades({ kind: 'rating', durationSeconds: 3, ratings }, scales)).toEqual({ Helpful: 4 })
  expect(earlierGrades({ Helpful: 9 }, scales)).toEqual({})
  const broken = { violated: true, span: { start: 0, end: 2 } }
  expect(earlierChecks({ short: broken, gone: broken }, rules)).toEqual({ short: broken })
  const checks = [
    { rule: 'short', ...broken },
    { rule: 'kind', violated: false },
  ]
  expect(earlierChecks({ kind: 'rule-check', checks }, rules)).toEqual({
    short: broken,
    kind: { violated: false },
  })
  expect(earlierChecks({ kind: 'violation', rule: 'kind', ...broken }, rules)).toEqual({ kind: broken })
})

test('a preference comes back in the item’s own indices, with the reason', () => {
  const answer = { kind: 'comparison', preferred: 1, strength: 2, comment: 'why', completions: ['a', 'b'] }
  expect(earlierPreference(answer)).toEqual({ preferred: 1, strength: 2 })
  expect(earlierPreference({ preferred: 'tie' })).toEqual({ preferred: 'tie' })
  expect(earlierComment(answer)).toBe('why')
})

test.each(strange)('what fits nothing gives nothing: %j', (draft) => {
  expect(earlierComment(draft)).toBe('')
  expect(earlierPreference(draft)).toEqual({})
  expect(earlierRanking(draft, 2)).toBeUndefined()
  expect(earlierGrades(draft, scales)).toEqual({})
  expect(earlierChecks(draft, rules)).toEqual({})
  expect(earlierText(draft)).toBeUndefined()
})
