import type { Protocol } from '@attune/server'
import { Check, Choices, Field } from '../design/field.tsx'
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

/** What is sent to the server. */
export function protocolOf(draft: ProtocolDraft, version: string): Protocol {
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
    ...(draft.kind === 'rule-check' && {
      rules: lines(rules).map((text, i) => ({ id: `rule-${i + 1}`, text })),
    }),
    ...(draft.kind === 'rating' && { scales: lines(scales).map(scaleOf) }),
  } as Protocol
}

/** `Helpfulness 1 7` as a scale; without numbers it goes from 1 to 7. */
export function scaleOf(line: string): { name: string; low: number; high: number } {
  const match = /^(.*?)\s+(-?[\d.]+)\s+(-?[\d.]+)$/.exec(line)
  return match
    ? { name: match[1]!, low: Number(match[2]), high: Number(match[3]) }
    : { name: line, low: 1, high: 7 }
}

const orders = [
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
              value={draft.scales}
              onChange={(event) => set({ scales: event.target.value })}
            />
          )}
        </Field>
      )}
      {draft.kind === 'rule-check' && (
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
        <Field label="People per item" hint="More than one lets agreement be measured.">
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={100}
              value={draft.overlap}
              onChange={(event) => set({ overlap: Number(event.target.value) })}
            />
          )}
        </Field>
        <Field label="Gold questions, %" hint="Items with a known answer.">
          {(control) => (
            <input
              {...control}
              type="number"
              min={0}
              max={100}
              value={Math.round(draft.goldShare * 100)}
              onChange={(event) => set({ goldShare: Number(event.target.value) / 100 })}
            />
          )}
        </Field>
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
