import { expect, test } from 'vitest'
import { ownLeft } from './pace.ts'

test('what is left to a person is one answer an item, and not the places that only others can fill', () => {
  const own = (done: number, skipped = 0) => [{ annotator: 'ada', done, skipped, seconds: 0 }]
  const project = { items: 10, slots: 20 }
  expect(ownLeft({ ...project, done: 0, perAnnotator: [] }, 'ada')).toBe(10)
  expect(ownLeft({ ...project, done: 4, perAnnotator: own(4) }, 'ada')).toBe(6)
  expect(ownLeft({ ...project, done: 9, perAnnotator: own(9, 1) }, 'ada')).toBe(0)
  expect(ownLeft({ ...project, done: 18, perAnnotator: own(4) }, 'ada')).toBe(2)
})
