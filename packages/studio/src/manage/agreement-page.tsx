import type { Agreement } from '@attune/server'
import { useCall } from '../api/context.tsx'
import { formatNumber, formatShare } from '../chart/scale.ts'
import { Figures, Section } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'
import { Empty, Loaded } from '../design/state.tsx'
import { Disagreements } from './disagreements.tsx'
import { Groups } from './groups.tsx'
import { comparable } from './known-answers-page.tsx'
import { useProject } from './project-page.tsx'

/** How far people agree, with whom, and where they do not. */
export function AgreementPage() {
  const { id, protocol } = useProject()
  const agreement = useCall('GET /api/projects/{id}/agreement', { params: { id } })
  const isOfTexts = !comparable.includes(protocol.kind)
  return (
    <Loaded query={agreement}>
      {(data) =>
        data.annotators.length < 2 && isOfTexts ? (
          <Empty title="Texts are not compared">
            <p>Two people never write the same. Ask for ratings or comparisons of the texts instead.</p>
          </Empty>
        ) : data.annotators.length < 2 ? (
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
                  value: formatShare(data.raw),
                  note: 'pairs of answers to one item that are the same',
                },
                {
                  name: data.kappa?.name === 'fleiss' ? 'Fleiss’ κ' : 'Cohen’s κ',
                  value: data.kappa ? formatNumber(data.kappa.value, 2) : '–',
                  note: `beyond chance; 1 is perfect${data.kappa ? `; on ${data.kappa.items} items` : ''}`,
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
            <Groups />
            <Disagreements agreement={data} />
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
      <Scroll label="Who agrees with whom">
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
                      {formatShare(value)} <span className="small">{items[i]?.[j]}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  )
}

function People({ agreement }: { agreement: Agreement }) {
  return (
    <Section title="Each person">
      <Scroll label="Each person">
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
                  <td className="number">{formatShare(own)}</td>
                  <td className="number">{formatShare(goldAccuracy)}</td>
                  <td className="number">
                    {medianSeconds === null ? '–' : `${formatNumber(medianSeconds)} s`}
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </Scroll>
    </Section>
  )
}
