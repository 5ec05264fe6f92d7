import { expect, test } from 'vitest'
import { announcementsOf } from './ranking-form.tsx'

test('a drag is told in the letters and places of the page, not in the item’s own indices', () => {
  // A is completion 2, B completion 0, C completion 1; now B is first
  const told = announcementsOf([2, 0, 1], [0, 2, 1])
  const [active, over] = [{ id: 2 + 1 }, { id: 1 + 1 }]
  expect(told.onDragStart({ active } as never)).toBe('Picked up A, at place 2 of 3.')
  expect(told.onDragOver({ active, over } as never)).toBe('A is over place 3 of 3.')
  expect(told.onDragEnd({ active, over: null } as never)).toBe('A was put down where it was.')
  expect(told.onDragCancel({ active } as never)).toBe('A was not moved.')
})
