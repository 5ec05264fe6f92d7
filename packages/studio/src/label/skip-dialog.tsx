import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { Choices, Field } from '../design/field.tsx'

const reasons = [
  ['unsure', 'I cannot tell'],
  ['unclear', 'The prompt is unclear'],
  ['expertise', 'It needs someone who knows the subject'],
  ['uncomfortable', 'I would rather not judge this'],
  ['other', 'Something else'],
] as const

type Reason = (typeof reasons)[number][0]

/** Asks why, then leaves the task to others. */
export function SkipDialog({ onSkip, onClose }: { onSkip: (reason: string) => void; onClose: () => void }) {
  const [reason, setReason] = useState<Reason>('unsure')
  const [note, setNote] = useState('')
  return (
    <Dialog title="Skip this one" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          onSkip(note.trim() ? `${reason}: ${note.trim()}` : reason)
        }}
      >
        <Choices legend="Why?" options={reasons} value={reason} onChange={setReason} />
        <Field label="Note (optional)">
          {(control) => <input {...control} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        <div className="row">
          <Button kind="primary" type="submit">
            Skip it
          </Button>
          <Button onClick={onClose}>Stay</Button>
        </div>
      </form>
    </Dialog>
  )
}
