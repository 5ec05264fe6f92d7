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

/** Reason and note together are as long as the server takes them. */
export const longestNote = 1900

/** Asks why, then leaves the task to others. It stays open, with the note in it, until that is done. */
export function SkipDialog({
  onSkip,
  onClose,
}: {
  onSkip: (reason: string) => Promise<unknown>
  onClose: () => void
}) {
  const [reason, setReason] = useState<Reason>('unsure')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  return (
    <Dialog title="Skip this one" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          setBusy(true)
          onSkip(note.trim() ? `${reason}: ${note.trim()}` : reason)
            .catch((failure: Error) => setError(`It could not be skipped: ${failure.message}`))
            .finally(() => setBusy(false))
        }}
      >
        <Choices legend="Why?" options={reasons} value={reason} onChange={setReason} />
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
        {error && (
          <p className="notice warn" role="alert">
            {error}
          </p>
        )}
        <div className="row">
          <Button kind="primary" type="submit" disabled={busy}>
            Skip it
          </Button>
          <Button onClick={onClose}>Stay</Button>
        </div>
      </form>
    </Dialog>
  )
}
