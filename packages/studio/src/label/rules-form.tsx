import type { Answer } from '@attune/server'
import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { AnswerCard } from './answer.tsx'
import { type EarlierCheck, earlierChecks } from './earlier.ts'
import type { FormProps } from './form.ts'
import { SpanPicker } from './span-picker.tsx'
import { SubmitBar } from './submit-bar.tsx'

type Checks = Readonly<Record<string, EarlierCheck>>

/** Each rule of the protocol, kept or broken by the answer, and where. */
export function RulesForm({ task, protocol, submit, keep }: FormProps) {
  const rules = protocol.rules ?? []
  const text = task.item.completions[0]?.text ?? ''
  const [checks, setChecks] = useState<Checks>(() => earlierChecks(task.draft, rules))
  const missing = rules.filter(({ id }) => !checks[id])
  const set = (rule: string, check: EarlierCheck) => {
    const next = { ...checks, [rule]: check }
    setChecks(next)
    keep(next)
  }
  return (
    <>
      <AnswerCard name="Answer" text={text} />
      <div className="scales">
        {rules.map(({ id, text: rule }) => (
          <fieldset className="scale-field" key={id}>
            <legend>{rule}</legend>
            <div className="row">
              {[false, true].map((violated) => (
                <label className="choice" key={String(violated)}>
                  <input
                    type="radio"
                    name={id}
                    checked={checks[id]?.violated === violated}
                    onChange={() => set(id, { violated })}
                  />
                  <span>{violated ? 'Broken' : 'Kept'}</span>
                </label>
              ))}
            </div>
            {checks[id]?.violated && (
              <SpanPicker
                label="Where?"
                text={text}
                span={checks[id].span}
                onChange={(span) => set(id, { violated: true, ...(span && { span }) })}
              />
            )}
          </fieldset>
        ))}
      </div>
      <SubmitBar
        missing={missing.length > 0 && `${missing.length} of ${rules.length} rules left`}
        submit={() => submit(answerOf(protocol.kind, rules, checks), checks)}
      >
        {missing.length > 1 && (
          <Button
            kind="plain"
            onClick={() => {
              const all = Object.fromEntries(rules.map(({ id }) => [id, checks[id] ?? { violated: false }]))
              setChecks(all)
              keep(all)
            }}
          >
            The rest are kept
          </Button>
        )}
      </SubmitBar>
    </>
  )
}

/** All checks as one judgment; a protocol about one rule stores a violation of it. */
function answerOf(kind: string, rules: readonly { id: string }[], checks: Checks): Answer {
  const entries = rules.map(({ id }) => ({ rule: id, ...checks[id]! }))
  if (kind === 'violation') return { kind: 'violation', completion: 0, ...entries[0]! }
  return { kind: 'rule-check', completion: 0, checks: entries }
}
