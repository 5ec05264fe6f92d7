import type { Answer, Item } from '@attune/server'
import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { Choices, Field } from '../design/field.tsx'
import { letter } from './form.ts'
import { longestNote } from './skip-dialog.tsx'
import { type Span, SpanPicker } from './span-picker.tsx'

const reasons = [
  ['harmful', 'Harmful or hateful'],
  ['personal', 'Personal data'],
  ['broken', 'Broken or empty text'],
  ['duplicate', 'Seen before'],
  ['other', 'Something else'],
] as const

type Reason = (typeof reasons)[number][0]

/** Reports a problem of the item, or of a part of one answer; the task stays to be judged. */
export function FlagDialog({
  item,
  order,
  onFlag,
  onClose,
}: {
  item: Item
  order: readonly number[]
  onFlag: (answer: Answer) => void
  onClose: () => void
}) {
  const [reason, setReason] = useState<Reason>('harmful')
  const [note, setNote] = useState('')
  const [where, setWhere] = useState('all')
  const [span, setSpan] = useState<Span>()
  const places = order.map((index, place) => [String(index), letter(place)] as const)
  const completion = Number(where)
  return (
    <Dialog title="Flag a problem" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          const text = note.trim() ? `${reason}: ${note.trim()}` : reason
          const place = where === 'all' ? {} : { completionIndex: completion, ...(span && { span }) }
          onFlag({ kind: 'flag', reason: text, ...place })
        }}
      >
        <Choices legend="What is the problem?" options={reasons} value={reason} onChange={setReason} />
        {places.length > 0 && (
          <Choices
            legend="Where?"
            options={[['all', 'The whole item'], ...places]}
            value={where}
            onChange={setWhere}
          />
        )}
        {where !== 'all' && (
          <SpanPicker
            label="The part (optional)"
            text={item.completions[completion]?.text ?? ''}
            span={span}
            onChange={setSpan}
          />
        )}
        <Field label="Note (optional)">
          {(control) => (
            <input
              {...control}
              maxLength={longestNote}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        <div className="row">
          <Button kind="primary" type="submit">
            Flag it
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}
