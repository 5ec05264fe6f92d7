import { useId, useRef } from 'react'
import { Button } from '../design/button.tsx'

/** A part of a text, in UTF-16 code units, the end excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Keys that move the end of a selection. */
const selecting = [
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'Home',
  'End',
  'PageUp',
  'PageDown',
  'a',
]

/** The place in a text of a place in its field, where each line ends with one character, whatever the text has there. */
export function offsetIn(text: string, place: number): number {
  let offset = 0
  for (let i = 0; i < place; i++) offset += text.startsWith('\r\n', offset) ? 2 : 1
  return offset
}

/**
 * Marks a part of a text: select it with the pointer, or with Shift and the arrows. The field takes no change, but is not
 * `readOnly`: browsers give no cursor to move in such a field.
 */
export function SpanPicker({
  label,
  text,
  span,
  onChange,
}: {
  label: string
  text: string
  span: Span | undefined
  onChange: (span: Span | undefined) => void
}) {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const take = () => {
    const { selectionStart: start, selectionEnd: end } = field.current!
    if (end > start) onChange({ start: offsetIn(text, start), end: offsetIn(text, end) })
  }
  return (
    <div className="field span-picker">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        ref={field}
        aria-readonly="true"
        inputMode="none"
        rows={4}
        value={text}
        onChange={() => {}}
        onPointerUp={take}
        onKeyUp={({ key }) => selecting.includes(key) && take()}
      />
      {span ? (
        <p className="row">
          <mark>{text.slice(span.start, span.end)}</mark>
          <Button size="small" kind="plain" onClick={() => onChange(undefined)}>
            Clear
          </Button>
        </p>
      ) : (
        <p className="hint">Select a part with the pointer, or with Shift and the arrow keys. Optional.</p>
      )}
    </div>
  )
}
