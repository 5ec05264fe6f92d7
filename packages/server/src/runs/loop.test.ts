import { expect, test } from 'vitest'
import { roundName } from './loop.ts'

test('a round is named after its project, with a number that no run has taken', () => {
  expect(roundName('Hope & fear', [])).toBe('hope-fear-1')
  expect(roundName('Hope & fear', ['hope-fear-1', 'hope-fear-3', 'hope-2'])).toBe('hope-fear-4')
  expect(roundName('希望', ['project-1', 'project-x'])).toBe('project-2')
  expect(roundName('x'.repeat(200), [])).toMatch(/^[a-z0-9-]{1,80}$/)
})
