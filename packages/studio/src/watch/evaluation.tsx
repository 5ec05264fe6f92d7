import { useCall } from '../api/context.tsx'
import { formatNumber, formatShare, toHundredths } from '../chart/scale.ts'
import { Figures, Section } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'

interface Monitors {
  readonly meanLength?: number
  readonly distinct1?: number
  readonly distinct2?: number
  readonly endedShare?: number
}

interface Scored {
  readonly text: string
  readonly gold?: number
  readonly reward?: number
}

/** What was measured of the new policy beside the old one; what is missing is not shown. */
export interface Result {
  readonly winRate?: { readonly value: number; readonly low: number; readonly high: number }
  readonly kl?: number
  readonly goldBefore?: number
  readonly goldAfter?: number
  readonly rewardBefore?: number
  readonly rewardAfter?: number
  readonly before?: Monitors
  readonly after?: Monitors
  readonly samples?: readonly { readonly prompt: string; readonly before: Scored; readonly after: Scored }[]
}

/** The new policy beside the old one on prompts that neither has learnt from. */
export function Evaluation({ run, stage, title }: { run: string; stage: string; title: string }) {
  const query = useCall('GET /api/runs/{name}/result', {
    params: { name: run },
    query: { stage, kind: 'evaluation' },
  })
  return query.data ? (
    <ResultSection
      title={title}
      result={query.data as Result}
      lede="The same unseen prompts completed by the policy it started from and by the new one."
    />
  ) : null
}

/** Numbers, monitors and samples of two policies. */
export function ResultSection({
  result,
  lede,
  title = 'Before and after',
}: {
  result: Result
  lede: string
  title?: string
}) {
  const {
    winRate,
    kl,
    rewardBefore,
    rewardAfter,
    goldBefore,
    goldAfter,
    before,
    after,
    samples = [],
  } = result
  const change = (name: string, from?: number, to?: number) =>
    from === undefined || to === undefined
      ? []
      : [{ name, value: <Change from={from} to={to} />, note: 'mean, before → after' }]
  return (
    <Section title={title} lede={lede}>
      <Figures
        figures={[
          ...(winRate
            ? [
                {
                  name: 'Win rate',
                  value: formatShare(winRate.value),
                  note: `95 % interval ${formatShare(winRate.low)} to ${formatShare(winRate.high)}`,
                },
              ]
            : []),
          ...change('Reward', rewardBefore, rewardAfter),
          ...change('Gold score', goldBefore, goldAfter),
          ...(kl === undefined
            ? []
            : [{ name: 'KL', value: formatNumber(kl), note: 'nats per sequence from the start' }]),
        ]}
      />
      {before && after && <MonitorTable before={before} after={after} />}
      <ul className="before-after">
        {samples.slice(0, 6).map(({ prompt, before: old, after: now }) => (
          <li key={prompt}>
            <p className="muted">{prompt} …</p>
            <Text name="Before" scored={old} />
            <Text name="After" scored={now} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Change({ from, to }: { from: number; to: number }) {
  return (
    <>
      <span className="from nowrap">
        {toHundredths(from)} <span className="arrow">→</span>
      </span>{' '}
      {toHundredths(to)}
    </>
  )
}

function Text({ name, scored }: { name: string; scored: Scored }) {
  return (
    <div className={name === 'After' ? 'sample after' : 'sample'}>
      <h3>{name}</h3>
      <p className="sample-text">{scored.text || '(nothing)'}</p>
      {scored.reward !== undefined && <p className="muted small">reward {formatNumber(scored.reward)}</p>}
    </div>
  )
}

const monitorNames: readonly (readonly [keyof Monitors, string, boolean])[] = [
  ['meanLength', 'Length, tokens', false],
  ['distinct1', 'Distinct words', true],
  ['distinct2', 'Distinct word pairs', true],
  ['endedShare', 'Ended by themselves', true],
]

/** What gives a cheating policy away: lengths and diversity. */
function MonitorTable({ before, after }: { before: Monitors; after: Monitors }) {
  const show = (value: number | undefined, share: boolean) =>
    value === undefined ? '–' : share ? formatShare(value) : formatNumber(value)
  return (
    <Scroll label="Monitors">
      <table className="monitors">
        <caption>
          Monitors: a policy that cheats its reward grows longer, repeats itself, or does not end
        </caption>
        <thead>
          <tr>
            <th scope="col">Monitor</th>
            <th scope="col" className="number">
              Before
            </th>
            <th scope="col" className="number">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {monitorNames
            .filter(([key]) => before[key] !== undefined)
            .map(([key, name, share]) => (
              <tr key={key}>
                <th scope="row">{name}</th>
                <td className="number">{show(before[key], share)}</td>
                <td className="number">{show(after[key], share)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Scroll>
  )
}
