// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { offsetIn, SpanPicker } from './span-picker.tsx'

afterEach(cleanup)

test('a place in the field is the same place in a text whose lines end with two characters', () => {
  const text = 'ab\r\ncd\r\n\r\nef'
  const field = text.replaceAll('\r\n', '\n')
  for (const letter of 'abcdef') expect(offsetIn(text, field.indexOf(letter))).toBe(text.indexOf(letter))
  expect(offsetIn(text, field.length)).toBe(text.length)
})

test('only a selection marks: a cursor that moves, a letter or Tab clear and take nothing', () => {
  const onChange = vi.fn()
  render(<SpanPicker label="Where?" text="one two" span={{ start: 0, end: 3 }} onChange={onChange} />)
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Where?' })
  field.setSelectionRange(2, 2)
  for (const key of ['Tab', 'x', 'ArrowRight', 'Shift']) fireEvent.keyUp(field, { key })
  fireEvent.pointerUp(field)
  expect(onChange).not.toHaveBeenCalled()
  field.setSelectionRange(4, 7)
  fireEvent.keyUp(field, { key: 'Tab' })
  expect(onChange).not.toHaveBeenCalled()
  fireEvent.keyUp(field, { key: 'ArrowRight', shiftKey: true })
  expect(onChange).toHaveBeenCalledWith({ start: 4, end: 7 })
})
