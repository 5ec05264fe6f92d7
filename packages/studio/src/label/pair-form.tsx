import type { Answer } from '@attune/server'
import { useState } from 'react'
import { Button, Key } from '../design/button.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { actions } from '../keyboard/keymap.ts'
import { Diff } from '../text/diff.tsx'
import { AnswerCard } from './answer.tsx'
import { type EarlierPreference, earlierComment, earlierPreference } from './earlier.ts'
import type { FormProps } from './form.ts'
import { Reason } from './reason.tsx'

type Comparison = Extract<Answer, { kind: 'comparison' }>

const steps = [1, 2, 3, 4, 5, 6, 7, 8] as const

/** The judgment of a step, 1 (A much better) to 8 (B much better). The two middle steps carry no strength. */
export function comparisonOfStep(step: number, order: readonly number[]): Comparison {
  const left = step <= 4
  const strength = left ? 4 - step : step - 5
  return {
    kind: 'comparison',
    preferred: order[left ? 0 : 1] as 0 | 1,
    ...(strength > 0 && { strength: strength as 1 | 2 | 3 }),
  }
}

/** The step on which a preference was chosen, on the sides as they are now; none for a tie. */
export function stepOf(
  { preferred, strength }: EarlierPreference,
  order: readonly number[],
): number | undefined {
  if (preferred !== 0 && preferred !== 1) return undefined
  const weight = strength ?? 0
  return preferred === order[0] ? 4 - weight : 5 + weight
}

/** Which of two is better, on eight steps; one key hands it in. */
export function PairForm({ task, protocol, submit, keep }: FormProps) {
  const earlier = earlierPreference(task.draft)
  const before = stepOf(earlier, task.order)
  const [comment, setComment] = useState(() => earlierComment(task.draft))
  const [diff, setDiff] = useState(false)
  const [left = '', right = ''] = task.order.map((index) => task.item.completions[index]?.text ?? '')
  useKey('pair.diff', () => setDiff(!diff))
  const hand = ({ kind, ...preference }: Comparison) =>
    submit({ kind, ...preference }, { comment, ...preference }, comment)
  return (
    <>
      {diff ? (
        <article className="answer">
          <Diff before={left} after={right} names={['A', 'B']} />
        </article>
      ) : (
        <div className="pair">
          <AnswerCard name="A" text={left} chosen={before !== undefined && before <= 4} />
          <AnswerCard name="B" text={right} chosen={before !== undefined && before > 4} />
        </div>
      )}
      <Reason
        value={comment}
        onChange={(value) => {
          setComment(value)
          keep({ ...earlier, comment: value })
        }}
      />
      <div className="decide">
        <fieldset className="scale">
          <legend className="hidden">Which is better?</legend>
          <p className="scale-ends" aria-hidden="true">
            <span>A much better</span>
            <span>B much better</span>
          </p>
          <div className="scale-steps">
            {steps.map((step) => (
              <Step
                key={step}
                step={step}
                before={before === step}
                choose={() => hand(comparisonOfStep(step, task.order))}
              />
            ))}
          </div>
        </fieldset>
        <div className="row decide-rest">
          {protocol.allowTie && (
            <Choice id="pair.tie" name="Tie" choose={() => hand({ kind: 'comparison', preferred: 'tie' })} />
          )}
          {protocol.allowTie && (
            <Choice
              id="pair.both-bad"
              name="Both bad"
              choose={() => hand({ kind: 'comparison', preferred: 'both-bad' })}
            />
          )}
          <DiffButton on={diff} toggle={() => setDiff(!diff)} />
        </div>
      </div>
    </>
  )
}

function Step({ step, before, choose }: { step: number; before: boolean; choose: () => void }) {
  const id = `pair.${step}`
  const { keyOf } = useKeyboard()
  const key = keyOf(id)
  useKey(id, choose)
  const name = actions.find((action) => action.id === id)!.name
  const side = step <= 4 ? 'a' : 'b'
  const weight = step <= 4 ? 5 - step : step - 4
  return (
    <button
      type="button"
      className={`step ${side} weight-${weight}${before ? ' before' : ''}`}
      title={name}
      aria-keyshortcuts={key}
      onClick={choose}
    >
      <i aria-hidden="true" />
      <span className="hidden">{`${name}${before ? ', your answer before' : ''}`}</span>
      {key && <Key name={key} />}
    </button>
  )
}

function Choice({ id, name, choose }: { id: string; name: string; choose: () => void }) {
  const { keyOf } = useKeyboard()
  useKey(id, choose)
  return (
    <Button hint={keyOf(id)} onClick={choose}>
      {name}
    </Button>
  )
}

function DiffButton({ on, toggle }: { on: boolean; toggle: () => void }) {
  const { keyOf } = useKeyboard()
  return (
    <Button kind="plain" hint={keyOf('pair.diff')} aria-pressed={on} onClick={toggle}>
      Differences
    </Button>
  )
}
