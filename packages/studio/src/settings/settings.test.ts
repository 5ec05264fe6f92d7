import { expect, test } from 'vitest'
import { newKey } from './settings-page.tsx'

test('a key without a project asks models only: the server gives no feedback key without one', () => {
  expect(newKey('app', '')).toEqual({ name: 'app', scopes: ['inference'], project: null })
  expect(newKey('app', 'p1')).toEqual({ name: 'app', scopes: ['feedback', 'inference'], project: 'p1' })
})
