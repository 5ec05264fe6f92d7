import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Answered } from '../api/client.ts'
import { useCall, useChange } from '../api/context.tsx'
import { Legend, LineChart } from '../chart/line-chart.tsx'
import { pointsOf } from '../chart/series.ts'
import { Button, ButtonLink } from '../design/button.tsx'
import { Check } from '../design/field.tsx'
import { Page, Section } from '../design/page.tsx'
import { Failure, Loaded } from '../design/state.tsx'
import { useMay } from '../shell/session.tsx'
import { BeforeAfter } from './before-after.tsx'
import { Evaluation } from './evaluation.tsx'
import { useLiveRows, useRows } from './live-rows.ts'
import { metricName, namedMetrics, stageLabel } from './metric-names.ts'
import { StageTrack, StateBadge } from './runs-page.tsx'
import { HeldOut, TrainingSamples } from './samples.tsx'

type RunView = Answered<'GET /api/runs/{name}'>

/** One run: where it is, its curves as they grow, what it writes, and what came out. */
export function RunPage() {
  const { name } = useParams()
  const run = useCall('GET /api/runs/{name}', { params: { name: name! } }, { refetchInterval: 4000 })
  return <Loaded query={run}>{(data) => <RunView key={name} run={data} />}</Loaded>
}

function RunView({ run }: { run: RunView }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const started = run.stages.filter(({ state }) => state !== 'waiting')
  const trained = started.filter(({ stage }) => !['label', 'evaluate', 'score'].includes(stage))
  const stage = trained.find(({ name }) => name === chosen) ?? trained.at(-1)
  const evaluations = started.filter((other) => other.stage === 'evaluate' && other.state === 'done')
  const scored = started.flatMap((other) =>
    other.stage === 'score' && other.state === 'done' ? other.name : [],
  )
  return (
    <Page
      title={run.name}
      kicker={<Link to="/runs">Runs</Link>}
      lede={<StateBadge state={run.state} />}
      actions={<RunActions run={run} />}
    >
      <div className="stack wide">
        <StageTrack run={run} />
        {run.error && <Failure error={new Error(run.error)} />}
        {['before', 'after'].every((name) => scored.includes(name)) && <BeforeAfter run={run.name} />}
        {evaluations.map((evaluation) => (
          <Evaluation
            key={evaluation.name}
            run={run.name}
            stage={evaluation.name}
            title={stageLabel(evaluation, run.stages)}
          />
        ))}
        {stage && (
          <section className="stack wide">
            {trained.length > 1 && (
              <fieldset className="choices">
                <legend className="hidden">Stage</legend>
                {trained.map((other) => (
                  <label className="choice" key={other.name}>
                    <input
                      type="radio"
                      name="stage"
                      checked={other.name === stage.name}
                      onChange={() => setChosen(other.name)}
                    />
                    <span>{stageLabel(other, run.stages)}</span>
                  </label>
                ))}
              </fieldset>
            )}
            <Curves
              run={run}
              stage={stage.name}
              title={stageLabel(stage, run.stages)}
              live={run.state === 'running'}
            />
            {stage.stage === 'reward' && stage.state === 'done' && (
              <HeldOut run={run.name} stage={stage.name} />
            )}
            <TrainingSamples run={run.name} stage={stage.name} live={run.state === 'running'} />
          </section>
        )}
        {!stage && <p className="muted">No stage has begun to train yet.</p>}
        {run.recipe && (
          <details>
            <summary>The recipe</summary>
            <pre className="recipe">{run.recipe}</pre>
          </details>
        )}
      </div>
    </Page>
  )
}

function RunActions({ run }: { run: RunView }) {
  const stop = useChange('POST /api/runs/{name}/stop')
  const resume = useChange('POST /api/runs/{name}/resume')
  const params = { name: run.name }
  const error = stop.error ?? resume.error
  const admin = useMay('admin')
  return (
    <>
      {error && <Failure error={error} />}
      {run.project && <ButtonLink to={`/projects/${run.project}`}>To its project</ButtonLink>}
      {run.state === 'done' && <ButtonLink to="/arena">Compare in the arena</ButtonLink>}
      {admin && run.state === 'running' && (
        <Button icon="stop" disabled={stop.isPending} onClick={() => stop.mutate({ params })}>
          {stop.isPending ? 'Stopping …' : 'Stop'}
        </Button>
      )}
      {admin && (run.state === 'stopped' || run.state === 'failed') && (
        <Button
          kind="primary"
          icon="play"
          disabled={resume.isPending}
          onClick={() => resume.mutate({ params })}
        >
          Resume
        </Button>
      )}
    </>
  )
}

function Curves({ run, stage, title, live }: { run: RunView; stage: string; title: string; live: boolean }) {
  const [compared, setCompared] = useState<readonly string[]>([])
  const [all, setAll] = useState(false)
  const rows = useRows([run.name, ...compared], stage)
  useLiveRows(live ? run.name : null, stage)
  const { first, rest } = namedMetrics(rows[0]!.rows)
  const shown = all ? [...first, ...rest] : first
  const names = rows.map(({ name }) => name)
  return (
    <Section
      title={title}
      actions={<Compare run={run.name} stage={stage} compared={compared} change={setCompared} />}
    >
      {names.length > 1 && <Legend names={names} />}
      {shown.length === 0 && <p className="muted">The first step is not done yet.</p>}
      <div className="charts">
        {shown.map((metric) => (
          <LineChart
            key={metric}
            {...metricName(metric)}
            series={rows.map(({ name, rows: own }) => ({ name, points: pointsOf(own, metric) }))}
          />
        ))}
      </div>
      {rest.length > 0 && (
        <div>
          <Button size="small" aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer curves' : `${rest.length} more curves`}
          </Button>
        </div>
      )}
    </Section>
  )
}

interface CompareProps {
  readonly run: string
  readonly stage: string
  readonly compared: readonly string[]
  readonly change: (runs: readonly string[]) => void
}

function Compare({ run, stage, compared, change }: CompareProps) {
  const runs = useCall('GET /api/runs', { query: {} })
  const others = (runs.data?.items ?? []).filter(
    ({ name, stages }) =>
      name !== run && stages.some((other) => other.name === stage && other.state !== 'waiting'),
  )
  if (others.length === 0) return null
  return (
    <details className="menu">
      <summary className="button small">
        Compare runs{compared.length > 0 ? ` (${compared.length})` : ''}
      </summary>
      <div className="menu-panel">
        {others.slice(0, 12).map(({ name }) => (
          <Check
            key={name}
            label={name}
            checked={compared.includes(name)}
            onChange={(on) =>
              change(on ? [...compared, name].slice(-5) : compared.filter((other) => other !== name))
            }
          />
        ))}
      </div>
    </details>
  )
}
