import { expect, test } from 'vitest'
import { actions, defaultKeys, isChord, keyOf, pressed, remap } from './keymap.ts'

const live = (group: string) =>
  actions.filter((action) => [group, 'Every task', 'Everywhere'].includes(action.group))
const groups = [...new Set(actions.map(({ group }) => group))]

test('no two actions of one page share a key', () => {
  for (const group of groups) {
    const keys = live(group).map(({ key }) => key)
    expect(new Set(keys).size, group).toBe(keys.length)
  }
})

test('the eight steps from A to B are the keys 1 to 8, tie is 0 and both bad is 9', () => {
  const keys = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => keyOf(`pair.${step}`, defaultKeys))
  expect(keys).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  expect(keyOf('pair.tie', defaultKeys)).toBe('0')
  expect(keyOf('pair.both-bad', defaultKeys)).toBe('9')
  expect(actions.find(({ id }) => id === 'pair.1')!.name).toBe('A much better')
  expect(actions.find(({ id }) => id === 'pair.8')!.name).toBe('B much better')
})

test('with keys off no single character acts, and what needs a modifier stays', () => {
  for (const { id, key } of actions)
    expect(keyOf(id, { ...defaultKeys, on: false })).toBe(isChord(key) ? key : null)
  expect(keyOf('label.submit', { ...defaultKeys, on: false })).toBe('Mod+Enter')
})

test('a remapped key that another action of the page had is swapped, so none is lost', () => {
  const settings = remap('label.skip', 'u', defaultKeys)
  expect(keyOf('label.skip', settings)).toBe('u')
  expect(keyOf('label.undo', settings)).toBe('s')
  for (const group of groups) {
    const keys = live(group).map(({ id }) => keyOf(id, settings))
    expect(new Set(keys).size).toBe(keys.length)
  }
})

test('whatever key an action gets, no page has a key twice and every action has one', () => {
  const keys = ['1', '9', 's', 'd', '?', 'ArrowLeft', 'x']
  for (const { id } of actions)
    for (const key of keys) {
      const settings = remap('label.skip', '1', remap(id, key, defaultKeys))
      for (const group of groups) {
        const all = live(group).map((action) => keyOf(action.id, settings))
        expect(new Set(all).size, `${id} on ${key}, ${group}`).toBe(all.length)
      }
    }
})

test('keys of pages that never meet may be the same', () => {
  const settings = remap('arena.next', 'd', defaultKeys)
  expect(keyOf('pair.diff', settings)).toBe('d')
})

test('a press is named without its case and with its modifier', () => {
  const press = (key: string, held = {}) =>
    pressed({ key, ctrlKey: false, metaKey: false, altKey: false, ...held })
  expect(press('S')).toBe('s')
  expect(press('Enter', { metaKey: true })).toBe('Mod+Enter')
  expect(press('Enter', { ctrlKey: true })).toBe('Mod+Enter')
  expect(press('?')).toBe('?')
  expect(press('Shift')).toBe('')
  expect(press('1', { altKey: true })).toBe('')
})
