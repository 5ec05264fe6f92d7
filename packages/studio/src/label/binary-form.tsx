import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { AnswerCard } from './answer.tsx'
import { earlierComment } from './earlier.ts'
import type { FormProps } from './form.ts'
import { Reason } from './reason.tsx'

/** Thumbs up or down for one answer; one key hands it in. */
export function BinaryForm({ task, submit, keep }: FormProps) {
  const { keyOf } = useKeyboard()
  const [comment, setComment] = useState(() => earlierComment(task.draft))
  const hand = (desirable: boolean) =>
    submit({ kind: 'binary', completion: 0, desirable }, { comment }, comment)
  useKey('binary.up', () => hand(true))
  useKey('binary.down', () => hand(false))
  return (
    <>
      <AnswerCard name="Answer" text={task.item.completions[0]?.text ?? ''} />
      <Reason
        value={comment}
        onChange={(value) => {
          setComment(value)
          keep({ comment: value })
        }}
      />
      <div className="decide thumbs">
        <Button icon="thumbUp" hint={keyOf('binary.up')} onClick={() => hand(true)}>
          Good
        </Button>
        <Button icon="thumbDown" hint={keyOf('binary.down')} onClick={() => hand(false)}>
          Bad
        </Button>
      </div>
    </>
  )
}
