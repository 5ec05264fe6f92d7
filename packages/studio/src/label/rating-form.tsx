import type { Answer } from '@attune/server'
import { useState } from 'react'
import { useKey } from '../keyboard/keyboard.tsx'
import { AnswerCard } from './answer.tsx'
import { earlierGrades } from './earlier.ts'
import type { FormProps } from './form.ts'
import { SubmitBar } from './submit-bar.tsx'

type Scale = NonNullable<FormProps['protocol']['scales']>[number]
type Grades = Readonly<Record<string, number>>

const mostButtons = 11

/** Grades of one answer on the protocol's scales; number keys grade the first scale that has none. */
export function RatingForm({ task, protocol, submit, keep }: FormProps) {
  const scales = protocol.scales ?? []
  const [grades, setGrades] = useState<Grades>(() => earlierGrades(task.draft, scales))
  const [current, setCurrent] = useState<string | null>(null)
  const missing = scales.filter(({ name }) => grades[name] === undefined)
  const grade = (name: string, value: number) => {
    const next = { ...grades, [name]: value }
    setGrades(next)
    keep(next)
  }
  const press = (digit: number) => {
    const scale = scales.find(({ name }) => name === current) ?? missing[0]
    if (!scale || !buttonsOf(scale).includes(digit)) return
    grade(scale.name, digit)
    setCurrent(null)
  }
  const hand = () => {
    const ratings = scales.map(({ name }) => ({ scale: name, value: grades[name]! }))
    submit({ kind: 'rating', completion: 0, ratings } satisfies Answer, grades)
  }
  return (
    <>
      <AnswerCard name="Answer" text={task.item.completions[0]?.text ?? ''} />
      <div className="scales">
        {scales.map((scale) => (
          <ScaleField
            key={scale.name}
            scale={scale}
            value={grades[scale.name]}
            next={(current ?? missing[0]?.name) === scale.name}
            onFocus={() => setCurrent(scale.name)}
            onChange={(value) => grade(scale.name, value)}
          />
        ))}
      </div>
      {Array.from({ length: 9 }, (_, i) => (
        <GradeKey key={i + 1} digit={i + 1} press={press} />
      ))}
      <SubmitBar missing={missing.length > 0 && `${missing[0]!.name} has no grade yet`} submit={hand} />
    </>
  )
}

function GradeKey({ digit, press }: { digit: number; press: (digit: number) => void }) {
  useKey(`rate.${digit}`, () => press(digit))
  return null
}

/** The values of a scale that is short enough for a button each. */
function buttonsOf({ low, high }: Scale): number[] {
  if (!Number.isInteger(low) || !Number.isInteger(high) || high - low + 1 > mostButtons) return []
  return Array.from({ length: high - low + 1 }, (_, i) => low + i)
}

interface ScaleFieldProps {
  readonly scale: Scale
  readonly value: number | undefined
  readonly next: boolean
  readonly onFocus: () => void
  readonly onChange: (value: number) => void
}

function ScaleField({ scale, value, next, onFocus, onChange }: ScaleFieldProps) {
  const { name, low, high, labels } = scale
  const values = buttonsOf(scale)
  const word = (n: number) => labels?.[n - low]
  return (
    <fieldset className={next ? 'scale-field next' : 'scale-field'} onFocus={onFocus}>
      <legend>
        {name}
        {value !== undefined && <span className="muted"> {word(value) ?? value}</span>}
      </legend>
      {values.length > 0 ? (
        <div className="grades">
          {values.map((n) => (
            <label className="choice" key={n} title={word(n)}>
              <input
                type="radio"
                name={name}
                checked={value === n}
                onChange={() => onChange(n)}
                aria-label={word(n) ? `${n}, ${word(n)}` : String(n)}
              />
              <span>{n}</span>
            </label>
          ))}
        </div>
      ) : (
        <input
          type="range"
          aria-label={name}
          min={low}
          max={high}
          step="any"
          value={value ?? (low + high) / 2}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      )}
      <p className="scale-ends muted small" aria-hidden="true">
        <span>{labels?.[0] ?? low}</span>
        <span>{labels?.at(-1) ?? high}</span>
      </p>
    </fieldset>
  )
}
