import type { Protocol } from '@attune/server'
import { Check, Choices, Field, NumberField } from '../design/field.tsx'
import { type Kind, kinds, questions } from './kinds.ts'

/** A protocol as it is being written. */
export interface ProtocolDraft {
  readonly kind: Kind
  readonly question: string
  readonly guidelines: string
  readonly overlap: number
  readonly order: Protocol['order']
  readonly goldShare: number
  readonly shuffle: boolean
  readonly allowTie: boolean
  readonly allowSkip: boolean
  /** One rule a line. */
  readonly rules: string
  /** One scale a line: `Helpfulness 1 7`. */
  readonly scales: string
}

export const newProtocol: ProtocolDraft = {
  kind: 'comparison',
  question: '',
  guidelines: '',
  overlap: 2,
  order: 'uniform',
  goldShare: 0,
  shuffle: true,
  allowTie: true,
  allowSkip: true,
  rules: '',
  scales: 'Helpfulness 1 7\nTruthfulness 1 7',
}

/** A protocol that exists, to be changed. */
export function draftOf(protocol: Protocol): ProtocolDraft {
  return {
    ...newProtocol,
    ...protocol,
    kind: protocol.kind as Kind,
    rules: (protocol.rules ?? []).map(({ text }) => text).join('\n'),
    scales: (protocol.scales ?? []).map(({ name, low, high }) => `${name} ${low} ${high}`).join('\n'),
  }
}

/** The fields of a draft that differ from what they were. */
export function changesOf(draft: ProtocolDraft, before: ProtocolDraft): Partial<ProtocolDraft> {
  const was = before as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => value !== was[name]))
}

/** What is sent to the server; rules and scales that are as before keep their ids and the names of their grades. */
export function protocolOf(draft: ProtocolDraft, version: string, before?: Protocol): Protocol {
  const { rules, scales, ...rest } = draft
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  return {
    ...rest,
    version,
    question: draft.question.trim() || questions[draft.kind],
    ...(isAboutRules(draft.kind) && { rules: rulesOf(lines(rules), before?.rules ?? []) }),
    ...(draft.kind === 'rating' && {
      scales: lines(scales)
        .map(scaleOf)
        .map((scale) => before?.scales?.find((old) => sameScale(old, scale)) ?? scale),
    }),
  } as Protocol
}

const isAboutRules = (kind: string) => kind === 'rule-check' || kind === 'violation'

type Scale = ReturnType<typeof scaleOf>
const sameScale = (a: Scale, b: Scale) => a.name === b.name && a.low === b.low && a.high === b.high

/** Rules with ids: those of the rules that were there before, and the first free ones for new rules. */
function rulesOf(
  texts: readonly string[],
  before: readonly { readonly id: string; readonly text: string }[],
) {
  const taken = new Set(before.map(({ id }) => id))
  let next = 1
  return texts.map((text) => {
    const old = before.find((rule) => rule.text === text)
    if (old) return old
    while (taken.has(`rule-${next}`)) next++
    taken.add(`rule-${next}`)
    return { id: `rule-${next}`, text }
  })
}

/** `Helpfulness 1 7` as a scale; without numbers it goes from 1 to 7. */
export function scaleOf(line: string): { name: string; low: number; high: number } {
  const match = /^(.*?)\s+(-?[\d.]+)\s+(-?[\d.]+)$/.exec(line)
  return match
    ? { name: match[1]!, low: Number(match[2]), high: Number(match[3]) }
    : { name: line, low: 1, high: 7 }
}

/** Orders in which items can be asked about, and what they are called. */
export const orders = [
  ['uniform', 'In any order'],
  ['uncertainty', 'Where the reward model is unsure'],
  ['disagreement', 'Where models disagree'],
  ['diversity', 'As different as possible'],
] as const

/** The fields of a protocol. */
export function ProtocolFields({
  draft,
  change,
}: {
  draft: ProtocolDraft
  change: (draft: ProtocolDraft) => void
}) {
  const set = (part: Partial<ProtocolDraft>) => change({ ...draft, ...part })
  return (
    <>
      <Choices
        legend="What do people do?"
        options={kinds}
        value={draft.kind}
        onChange={(kind) => set({ kind })}
      />
      <Field label="Question" hint="Shown above every task.">
        {(control) => (
          <input
            {...control}
            placeholder={questions[draft.kind]}
            value={draft.question}
            onChange={(event) => set({ question: event.target.value })}
          />
        )}
      </Field>
      {draft.kind === 'rating' && (
        <Field label="Scales" hint="One a line: name, lowest and highest grade.">
          {(control) => (
            <textarea
              {...control}
              rows={3}
              required
              value={draft.scales}
              onChange={(event) => set({ scales: event.target.value })}
            />
          )}
        </Field>
      )}
      {isAboutRules(draft.kind) && (
        <Field label="Rules" hint="One a line.">
          {(control) => (
            <textarea
              {...control}
              rows={4}
              required
              value={draft.rules}
              onChange={(event) => set({ rules: event.target.value })}
            />
          )}
        </Field>
      )}
      <Field label="Guidelines" hint="Markdown. Beside every task.">
        {(control) => (
          <textarea
            {...control}
            rows={5}
            value={draft.guidelines}
            onChange={(event) => set({ guidelines: event.target.value })}
          />
        )}
      </Field>
      <HandingOut draft={draft} set={set} />
    </>
  )
}

interface PartProps {
  readonly draft: ProtocolDraft
  readonly set: (part: Partial<ProtocolDraft>) => void
}

/** How items are handed out. */
function HandingOut({ draft, set }: PartProps) {
  return (
    <>
      <div className="form-columns">
        <NumberField
          label="People per item"
          hint="More than one lets agreement be measured."
          min={1}
          max={100}
          value={draft.overlap}
          onChange={(value) => set({ overlap: value })}
        />
        <NumberField
          label="Gold questions, %"
          hint="Items with a known answer."
          min={0}
          max={100}
          value={Math.round(draft.goldShare * 100)}
          onChange={(value) => set({ goldShare: value / 100 })}
        />
      </div>
      <Choices
        legend="What is asked next?"
        options={orders}
        value={draft.order}
        onChange={(order) => set({ order })}
      />
      <div className="row">
        <Check label="Shuffle the sides" checked={draft.shuffle} onChange={(shuffle) => set({ shuffle })} />
        <Check label="Ties allowed" checked={draft.allowTie} onChange={(allowTie) => set({ allowTie })} />
        <Check
          label="Skipping allowed"
          checked={draft.allowSkip}
          onChange={(allowSkip) => set({ allowSkip })}
        />
      </div>
    </>
  )
}
