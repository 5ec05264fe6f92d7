import type { Agreement } from '@attune/server'
import { useState } from 'react'
import { useCall, useChange } from '../api/context.tsx'
import { formatNumber } from '../chart/scale.ts'
import { Button } from '../design/button.tsx'
import { Figures, Section } from '../design/page.tsx'
import { Empty, Failure, Loaded } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { letter } from '../label/form.ts'
import { Prompt } from '../text/prompt.tsx'
import { Prose } from '../text/prose.tsx'
import { useProject } from './project-page.tsx'

const share = (value: number | null) => (value === null ? '–' : `${formatNumber(value * 100)} %`)

/** How far people agree, with whom, and where they do not. */
export function AgreementPage() {
  const { id } = useProject()
  const agreement = useCall('GET /api/projects/{id}/agreement', { params: { id } })
  return (
    <Loaded query={agreement}>
      {(data) =>
        data.annotators.length < 2 ? (
          <Empty title="One person cannot disagree">
            <p>
              Agreement appears when two people have answered the same items. Set “people per item” to two or
              more.
            </p>
          </Empty>
        ) : (
          <div className="stack wide">
            <Figures
              figures={[
                {
                  name: 'Raw agreement',
                  value: share(data.raw),
                  note: 'pairs of answers to one item that are the same',
                },
                {
                  name: data.kappa?.name === 'fleiss' ? 'Fleiss’ κ' : 'Cohen’s κ',
                  value: data.kappa ? formatNumber(data.kappa.value, 2) : '–',
                  note: 'beyond chance; 1 is perfect',
                },
                {
                  name: 'Krippendorff’s α',
                  value: data.alpha === null ? '–' : formatNumber(data.alpha, 2),
                  note: 'beyond chance, gaps allowed',
                },
                { name: 'Disagreements', value: data.disagreements.length, note: 'items to look at' },
              ]}
            />
            <Matrix agreement={data} />
            <People agreement={data} />
            <Disagreements project={id} agreement={data} />
          </div>
        )
      }
    </Loaded>
  )
}

function nameOf(agreement: Agreement, id: string): string {
  return agreement.annotators.find((annotator) => annotator.id === id)?.name ?? id
}

function Matrix({ agreement }: { agreement: Agreement }) {
  const { annotators, agreement: cells, items } = agreement.matrix
  return (
    <Section
      title="Who agrees with whom"
      lede="Share of common items that two people answered the same way, and how many items those are."
    >
      <div className="scroll">
        <table className="matrix">
          <caption className="hidden">Agreement of each pair of people</caption>
          <thead>
            <tr>
              <td />
              {annotators.map((id) => (
                <th scope="col" key={id}>
                  {nameOf(agreement, id)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {annotators.map((row, i) => (
              <tr key={row}>
                <th scope="row">{nameOf(agreement, row)}</th>
                {annotators.map((column, j) => {
                  const value = cells[i]?.[j] ?? null
                  if (i === j || value === null)
                    return (
                      <td key={column} className="blank">
                        {i === j ? '·' : '–'}
                      </td>
                    )
                  return (
                    <td key={column} style={{ '--share': value } as React.CSSProperties}>
                      {share(value)} <span className="small">{items[i]?.[j]}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function People({ agreement }: { agreement: Agreement }) {
  return (
    <Section title="Each person">
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">
                Answers
              </th>
              <th scope="col" className="number">
                Agrees with others
              </th>
              <th scope="col" className="number">
                Gold right
              </th>
              <th scope="col" className="number">
                Median time
              </th>
            </tr>
          </thead>
          <tbody>
            {agreement.annotators.map(
              ({ id, name, judgments, agreement: own, goldAccuracy, medianSeconds }) => (
                <tr key={id}>
                  <th scope="row">{name ?? id}</th>
                  <td className="number">{judgments}</td>
                  <td className="number">{share(own)}</td>
                  <td className="number">{share(goldAccuracy)}</td>
                  <td className="number">
                    {medianSeconds === null ? '–' : `${formatNumber(medianSeconds)} s`}
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

const atOnce = 10

function Disagreements({ project, agreement }: { project: string; agreement: Agreement }) {
  const [count, setCount] = useState(atOnce)
  const { disagreements } = agreement
  if (disagreements.length === 0) return null
  return (
    <Section
      title="Disagreements"
      lede="The most contested first. Your decision is stored beside the answers, as yours."
    >
      <ul className="disagreements">
        {disagreements.slice(0, count).map((disagreement) => (
          <Disagreement
            key={disagreement.item.id}
            project={project}
            agreement={agreement}
            {...disagreement}
          />
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

function Disagreement({
  project,
  agreement,
  item,
  answers,
}: { project: string; agreement: Agreement } & Agreement['disagreements'][number]) {
  const { say } = useToast()
  const decide = useChange('POST /api/projects/{id}/judgments', () => say('Decided.'))
  const judge = (preferred: 0 | 1 | 'tie' | 'both-bad') =>
    decide.mutate({
      params: { id: project },
      body: { key: crypto.randomUUID(), item: item.id, judgment: { kind: 'comparison', preferred } },
    })
  return (
    <li>
      <Prompt prompt={item.prompt} />
      <div className="pair">
        {item.completions.map(({ text }, i) => (
          <article className="answer" key={`${letter(i)} ${text}`} aria-label={letter(i)}>
            <header>
              <h3>{letter(i)}</h3>
            </header>
            <Prose text={text} />
          </article>
        ))}
      </div>
      <div className="row spread">
        <ul className="row">
          {answers.map(({ annotator, answer, judgment }) => (
            <li className="said" key={judgment}>
              <span className="muted">{nameOf(agreement, annotator)}</span> {answer}
            </li>
          ))}
        </ul>
        {item.completions.length === 2 && (
          <div className="row">
            {(
              [
                [0, 'A'],
                [1, 'B'],
                ['tie', 'Tie'],
                ['both-bad', 'Both bad'],
              ] as const
            ).map(([preferred, name]) => (
              <Button
                key={name}
                size="small"
                disabled={decide.isPending || decide.isSuccess}
                onClick={() => judge(preferred)}
              >
                {name}
              </Button>
            ))}
          </div>
        )}
      </div>
      {decide.error && <Failure error={decide.error} />}
    </li>
  )
}
