import type { Answer } from '@attune/server'
import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { Field } from '../design/field.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { Diff } from '../text/diff.tsx'
import { AnswerCard } from './answer.tsx'
import { earlierText } from './earlier.ts'
import type { FormProps } from './form.ts'
import { SubmitBar } from './submit-bar.tsx'

/** As long as the server takes it. */
const longestText = 200_000

interface Writing {
  readonly label: string
  /** What stands in the field at first. */
  readonly start: string
  readonly answer: (text: string) => Answer
  /** What is wrong with the text as it stands, or nothing. */
  readonly missing: (text: string) => string | false
}

/** A critique: what is right or wrong with an answer, in words. */
export function CritiqueForm(props: FormProps) {
  return (
    <WritingForm
      {...props}
      shown
      writing={{
        label: 'What is good or bad about this answer?',
        start: '',
        answer: (text) => ({ kind: 'critique', completion: 0, text }),
        missing: (text) => text.trim() === '' && 'Nothing is written yet',
      }}
    />
  )
}

/** An edit: the answer rewritten as it should be, with the differences on demand. */
export function EditForm(props: FormProps) {
  const before = props.task.item.completions[0]?.text ?? ''
  return (
    <WritingForm
      {...props}
      shown
      before={before}
      writing={{
        label: 'Rewrite the answer as it should be',
        start: before,
        answer: (after) => ({ kind: 'edit', completion: 0, after }),
        missing: () => false,
      }}
    />
  )
}

/** A demonstration: the annotator writes the answer. */
export function DemonstrationForm(props: FormProps) {
  return (
    <WritingForm
      {...props}
      writing={{
        label: 'Write the answer that the model should give',
        start: '',
        answer: (text) => ({ kind: 'demonstration', text }),
        missing: (text) => text.trim() === '' && 'Nothing is written yet',
      }}
    />
  )
}

function WritingForm({
  task,
  submit,
  keep,
  shown,
  before,
  writing,
}: FormProps & { writing: Writing; shown?: boolean; before?: string }) {
  const [text, setText] = useState(() => earlierText(task.draft) ?? writing.start)
  const [diff, setDiff] = useState(false)
  const { keyOf } = useKeyboard()
  useKey('pair.diff', () => setDiff(!diff), before !== undefined)
  return (
    <>
      {shown && <AnswerCard name="Answer" text={task.item.completions[0]?.text ?? ''} />}
      <Field label={writing.label} hint="Kept in this browser while you type. Esc leaves the field.">
        {(control) => (
          <textarea
            {...control}
            className="writing"
            rows={7}
            maxLength={longestText}
            value={text}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
            onChange={(event) => {
              setText(event.target.value)
              keep({ text: event.target.value })
            }}
          />
        )}
      </Field>
      {before !== undefined && diff && (
        <article className="answer">
          <Diff before={before} after={text} names={['the answer', 'your text']} />
        </article>
      )}
      <SubmitBar missing={writing.missing(text)} submit={() => submit(writing.answer(text), { text })}>
        {before !== undefined && (
          <Button kind="plain" hint={keyOf('pair.diff')} aria-pressed={diff} onClick={() => setDiff(!diff)}>
            Differences
          </Button>
        )}
        <span className="muted small">{text.split(/\s+/).filter(Boolean).length} words</span>
      </SubmitBar>
    </>
  )
}
