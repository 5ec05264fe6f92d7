// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { createTabs } from './tabs.ts'

const soon = (id: string, seconds = 60) => ({
  id,
  expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
})

/** The storage of one tab. */
function tabStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  } as Storage
}

beforeEach(() => localStorage.clear())

test('a tab sees what others hold, not what it holds itself, and not what has ended', () => {
  const [one, other] = [createTabs('desk', tabStorage()), createTabs('desk', tabStorage())]
  one.hold([soon('a'), soon('b')])
  other.hold([soon('c'), soon('late', -1)])
  expect(one.elsewhere()).toEqual(['c'])
  expect(other.elsewhere()).toEqual(['a', 'b'])
  one.hold([soon('d')])
  expect(other.elsewhere()).toEqual(['d'])
})

test('a tab that closes gives its leases free, and nothing is left behind by the last', () => {
  const storage = tabStorage()
  const [one, other] = [createTabs('desk', storage), createTabs('desk', tabStorage())]
  one.hold([soon('a')])
  one.close()
  expect(other.elsewhere()).toEqual([])
  expect(localStorage.length).toBe(0)
  const again = createTabs('desk', storage)
  again.hold([soon('a')])
  expect(again.elsewhere()).toEqual([])
  expect(createTabs('another desk', tabStorage()).elsewhere()).toEqual([])
})
