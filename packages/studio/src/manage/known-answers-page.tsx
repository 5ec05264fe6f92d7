import type { Answer, Item } from '@attune/server'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCall, useChange } from '../api/context.tsx'
import { formatShare } from '../chart/scale.ts'
import { Button } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { Section } from '../design/page.tsx'
import { Empty, Failure, Loaded, Meter } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { letter } from '../label/form.ts'
import { forms } from '../label/forms.ts'
import { Prompt, promptLine } from '../text/prompt.tsx'
import { inLetters } from './disagreements.tsx'
import { useProject } from './project-page.tsx'

type Gold = Readonly<Record<string, unknown>>

/** Kinds whose answers can be equal; two texts never are. */
export const comparable: readonly string[] = [
  'comparison',
  'clip-comparison',
  'ranking',
  'rating',
  'binary',
  'violation',
  'rule-check',
]

/** The questions whose answer is known, who answers them right, and the items that can become one. */
export function KnownAnswersPage() {
  const { protocol } = useProject()
  if (!comparable.includes(protocol.kind))
    return (
      <Empty title="Texts have no known answer">
        <p>Two people never write the same. Ask for ratings or comparisons of the texts instead.</p>
      </Empty>
    )
  return (
    <div className="stack wide">
      <Known />
      <Right />
      <Candidates />
    </div>
  )
}

function Known() {
  const { id, protocol } = useProject()
  const known = useCall('GET /api/projects/{id}/items', {
    params: { id },
    query: { gold: 'true', limit: 100 },
  })
  const share = formatShare(protocol.goldShare)
  return (
    <Section
      title="Known answers"
      lede="Questions that everyone may be asked among the others, and whose right answer only you see."
    >
      {protocol.goldShare === 0 ? (
        <div className="notice warn" role="status">
          None is asked yet: set “Gold questions, %” in the <Link to="../protocol">protocol</Link>.
        </div>
      ) : (
        <p className="muted small">At most {share} of what a person is asked.</p>
      )}
      <Loaded query={known}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <p className="muted">There is none yet. Choose one below.</p>
          ) : (
            <ul className="items">
              {items.map(({ item }) => (
                <li key={item.id}>
                  <p>{promptLine(item.prompt) || item.id}</p>
                  <p className="muted small clamp">{contents(item)}</p>
                  <p className="small">
                    Right: <strong>{knownAnswer(protocol.kind, item.gold ?? {})}</strong>
                  </p>
                </li>
              ))}
              {nextCursor && <li className="muted small">… and more</li>}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

/** How often each person answered them right. */
function Right() {
  const { id } = useProject()
  const { data } = useCall('GET /api/projects/{id}/agreement', { params: { id } })
  const marked = (data?.annotators ?? []).filter(({ goldAccuracy }) => goldAccuracy !== null)
  if (marked.length === 0) return null
  return (
    <Section title="Who answers them right">
      <ul className="who">
        {marked.map(({ id: annotator, name, goldAccuracy }) => (
          <li key={annotator}>
            <span>{name ?? annotator}</span>
            <Meter value={goldAccuracy!} of={1} label={`Right answers of ${name ?? annotator}`} />
            <span className="muted small">{formatShare(goldAccuracy)}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Candidates() {
  const { id } = useProject()
  const [cursors, setCursors] = useState<readonly string[]>([])
  const cursor = cursors.at(-1)
  const items = useCall('GET /api/projects/{id}/items', {
    params: { id },
    query: { gold: 'false', limit: 10, ...(cursor ? { cursor } : {}) },
  })
  return (
    <Section
      title="Add one"
      lede="Choose an item whose answer is beyond doubt. A copy of it becomes the question; the item stays."
    >
      <Loaded query={items}>
        {({ items, nextCursor }) => (
          <>
            <ul className="items">
              {items.map(({ item }) => (
                <Candidate key={item.id} item={item} />
              ))}
            </ul>
            <div className="row">
              {cursors.length > 0 && <Button onClick={() => setCursors(cursors.slice(0, -1))}>Back</Button>}
              {nextCursor && <Button onClick={() => setCursors([...cursors, nextCursor])}>Next</Button>}
            </div>
          </>
        )}
      </Loaded>
    </Section>
  )
}

function Candidate({ item }: { item: Item }) {
  const { id, protocol } = useProject()
  const { say } = useToast()
  const [open, setOpen] = useState(false)
  // one id until it is stored: what was stored unheard is not added again
  const [question, setQuestion] = useState(() => crypto.randomUUID())
  const add = useChange('POST /api/projects/{id}/items', ({ existing }) => {
    say(existing > 0 ? 'It was stored at the first try, as you set it then.' : 'Its answer is known now.')
    setQuestion(crypto.randomUUID())
    setOpen(false)
  })
  const Form = forms[protocol.kind]!
  const line = promptLine(item.prompt) || item.id
  return (
    <li>
      <div className="row spread">
        <p>{line}</p>
        <Button
          size="small"
          disabled={add.isPending}
          aria-label={`Set the answer of ${line}`}
          onClick={() => setOpen(true)}
        >
          Set the answer
        </Button>
      </div>
      <p className="muted small clamp">{contents(item)}</p>
      {add.error && !open && <Failure error={add.error} />}
      {open && (
        <Dialog title="The right answer" onClose={() => setOpen(false)}>
          {item.prompt !== '' && <Prompt prompt={item.prompt} />}
          <Form
            task={{ item, order: [...item.completions.keys()] }}
            protocol={protocol}
            submit={(answer) => {
              if (add.isPending) return
              const { prompt, completions, clips } = item
              const copy = { prompt, completions: [...completions], ...(clips && { clips: [...clips] }) }
              const known = { ...copy, id: question, gold: knownFields(answer) }
              add.mutate({ params: { id }, body: { items: [known] } })
            }}
            skip={() => setOpen(false)}
            keep={() => {}}
          />
          {add.error && <Failure error={add.error} />}
        </Dialog>
      )}
    </li>
  )
}

function contents({ clips, completions }: Item): string {
  return (clips ?? completions.map(({ text }) => text.trim())).join('  ·  ')
}

/** What of an answer must be the same: not which text it is about, nor how strong it is. */
export function knownFields(answer: Answer): Gold {
  const { kind: _, ...fields } = answer
  const unasked = ['completion', 'strength']
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !unasked.includes(name)))
}

/** A known answer in the letters and words of the page. */
export function knownAnswer(kind: string, gold: Gold): string {
  const {
    preferred,
    desirable,
    order,
    ties = [],
    ratings,
    checks,
    rule,
    violated,
  } = gold as {
    preferred?: unknown
    desirable?: boolean
    order?: readonly number[]
    ties?: readonly number[]
    ratings?: readonly { scale: string; value: number }[]
    checks?: readonly { rule: string; violated: boolean }[]
    rule?: string
    violated?: boolean
  }
  const checked = checks ?? (rule === undefined ? undefined : [{ rule, violated: violated ?? false }])
  if (preferred !== undefined) return inLetters(kind, String(preferred))
  if (desirable !== undefined) return desirable ? 'Good' : 'Bad'
  if (order)
    return order
      .map((index, place) => `${place ? (ties.includes(place - 1) ? ' = ' : ' > ') : ''}${letter(index)}`)
      .join('')
  if (ratings) return ratings.map(({ scale, value }) => `${scale} ${value}`).join(', ')
  if (checked)
    return checked.map((check) => `${check.rule}: ${check.violated ? 'broken' : 'kept'}`).join(', ')
  return JSON.stringify(gold)
}
