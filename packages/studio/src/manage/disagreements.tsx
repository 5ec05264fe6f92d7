import type { Agreement, Answer } from '@attune/server'
import { useState } from 'react'
import { useChange } from '../api/context.tsx'
import { useDelivery } from '../api/delivery.ts'
import { ClipPair } from '../clip/clip-pair.tsx'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { Section } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { letter } from '../label/form.ts'
import { forms } from '../label/forms.ts'
import { Prompt } from '../text/prompt.tsx'
import { Prose } from '../text/prose.tsx'
import { type ProjectView, useProject } from './project-page.tsx'

type Contested = Agreement['disagreements'][number]

const atOnce = 10

/** The items on which people differ, each with what they said and a way to decide. */
export function Disagreements({ agreement }: { agreement: Agreement }) {
  const [count, setCount] = useState(atOnce)
  const { disagreements } = agreement
  if (disagreements.length === 0) return null
  const names = new Map(agreement.annotators.map(({ id, name }) => [id, name ?? id]))
  return (
    <Section
      title="Disagreements"
      lede="The most contested first. Your decision is stored beside the answers, as yours, and does not count as agreement. If you had answered yourself, it takes the place of that."
    >
      <ul className="disagreements">
        {disagreements.slice(0, count).map((contested) => (
          <Disagreement key={contested.item.id} names={names} contested={contested} />
        ))}
      </ul>
      {disagreements.length > count && (
        <div>
          <Button onClick={() => setCount(count + atOnce)}>{disagreements.length - count} more</Button>
        </div>
      )}
    </Section>
  )
}

function Disagreement({ names, contested }: { names: ReadonlyMap<string, string>; contested: Contested }) {
  const project = useProject()
  const { item, answers } = contested
  const { say } = useToast()
  const decide = useChange('POST /api/projects/{id}/judgments', () => say('Decided.'))
  const keyOf = useDelivery()
  const [open, setOpen] = useState(false)
  const judge = (judgment: Answer, comment?: string) => {
    const answer = { item: item.id, judgment, decision: true as const, ...(comment && { comment }) }
    decide.mutate(
      { params: { id: project.id }, body: { ...answer, key: keyOf(answer) } },
      { onSuccess: () => setOpen(false) },
    )
  }
  const { kind } = project.protocol
  return (
    <li>
      {item.prompt !== '' && <Prompt prompt={item.prompt} />}
      <Completions project={project} item={item} />
      <div className="row spread">
        <ul className="row">
          {answers.map(({ annotator, answer, judgment }) => (
            <li className="said" key={judgment}>
              <span className="muted">{names.get(annotator) ?? annotator}</span> {inLetters(kind, answer)}
            </li>
          ))}
        </ul>
        {kind === 'comparison' || kind === 'clip-comparison' ? (
          <PairDecision
            ties={project.protocol.allowTie}
            disabled={decide.isPending}
            decide={(preferred) => judge({ kind, preferred })}
          />
        ) : (
          <Button size="small" onClick={() => setOpen(true)}>
            Decide
          </Button>
        )}
      </div>
      {open ? (
        <FormDecision
          project={project}
          item={item}
          error={decide.error}
          decide={judge}
          close={() => setOpen(false)}
        />
      ) : (
        decide.error && <Failure error={decide.error} />
      )}
    </li>
  )
}

function Completions({ project, item }: { project: ProjectView; item: Contested['item'] }) {
  const texts = item.completions.map(({ text }) => text)
  if (project.protocol.kind === 'clip-comparison') return <ClipPair texts={texts} names={['A', 'B']} />
  return (
    <div className="pair">
      {texts.map((text, i) => (
        <article className="answer" key={`${letter(i)} ${text}`} aria-label={letter(i)}>
          <header>
            <h3>{letter(i)}</h3>
          </header>
          <Prose text={text} />
        </article>
      ))}
    </div>
  )
}

/** An answer as the server names it, in the letters that stand on the page. */
export function inLetters(kind: string, answer: string): string {
  const places: Readonly<Record<string, string>> = { '0': 'A', '1': 'B', tie: 'Tie', 'both-bad': 'Both bad' }
  if (kind === 'comparison' || kind === 'clip-comparison') return places[answer] ?? answer
  if (kind === 'ranking') return answer.replace(/\d+/g, (index) => letter(Number(index)))
  return answer
}

interface PairDecisionProps {
  readonly ties: boolean
  readonly disabled: boolean
  readonly decide: (preferred: 0 | 1 | 'tie' | 'both-bad') => void
}

function PairDecision({ ties, disabled, decide }: PairDecisionProps) {
  const choices = [
    [0, 'A'],
    [1, 'B'],
    ...(ties
      ? ([
          ['tie', 'Tie'],
          ['both-bad', 'Both bad'],
        ] as const)
      : []),
  ] as const
  return (
    <fieldset className="row">
      <legend className="hidden">Decide</legend>
      {choices.map(([preferred, name]) => (
        <Button key={name} size="small" disabled={disabled} onClick={() => decide(preferred)}>
          {name}
        </Button>
      ))}
    </fieldset>
  )
}

interface FormDecisionProps {
  readonly project: ProjectView
  readonly item: Contested['item']
  readonly error: Error | null
  readonly decide: (judgment: Answer, comment?: string) => void
  readonly close: () => void
}

/** Decides with the form that the annotators had; it stays until the decision is stored. */
function FormDecision({ project, item, error, decide, close }: FormDecisionProps) {
  const Form = forms[project.protocol.kind]
  if (!Form) return null
  return (
    <Dialog title="Decide" onClose={close}>
      <Form
        task={{ item, order: [...item.completions.keys()] }}
        protocol={project.protocol}
        submit={(judgment, _, comment) => decide(judgment, comment)}
        skip={close}
        keep={() => {}}
      />
      {error && <Failure error={error} />}
    </Dialog>
  )
}
