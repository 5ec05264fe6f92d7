import type { Run } from '@attune/server'
import { Link } from 'react-router'
import { useCall } from '../api/context.tsx'
import { formatNumber, toHundredths } from '../chart/scale.ts'
import { ButtonLink } from '../design/button.tsx'
import { Page } from '../design/page.tsx'
import { Empty, Loaded } from '../design/state.tsx'
import { useMay } from '../shell/session.tsx'
import { when } from '../text/when.ts'
import { scoreChange } from './score-change.ts'

/** Every run with its state, the newest first. */
export function RunsPage() {
  const runs = useCall('GET /api/runs', { query: {} }, { refetchInterval: 5000 })
  const admin = useMay('admin')
  return (
    <Page
      title="Runs"
      lede="Training, live. A run can be stopped at any time and goes on from its newest checkpoint."
      actions={
        admin && (
          <ButtonLink to="/runs/new" kind="primary" icon="play">
            Start a run
          </ButtonLink>
        )
      }
    >
      <Loaded query={runs}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No run yet">
              <p>Start one from a recipe here, or press “Train on these labels” on a project.</p>
            </Empty>
          ) : (
            <ul className="cards">
              {items.map((run) => (
                <RunCard key={run.name} run={run} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}

function RunCard({ run }: { run: Run }) {
  const winRate = (run.summary?.winRate as { value?: number } | undefined)?.value
  const scores = scoreChange(run)
  return (
    <li className="card">
      <div className="row spread">
        <h2>
          <Link to={`/runs/${run.name}`}>{run.name}</Link>
        </h2>
        <StateBadge state={run.state} />
      </div>
      <StageTrack run={run} />
      <p className="muted small">
        {when(run.updatedAt)}
        {scores && ` · reward ${toHundredths(scores.before.value)} → ${toHundredths(scores.after.value)}`}
        {winRate !== undefined && ` · wins ${formatNumber(winRate * 100, 3)} % against before`}
        {run.error && ` · ${run.error}`}
      </p>
    </li>
  )
}

/** The state of a run or a stage, in words and a shape. */
export function StateBadge({ state }: { state: string }) {
  return <span className={`badge ${state}`}>{state}</span>
}

/** The stages of a run in order, each filled as far as it is. */
export function StageTrack({ run }: { run: Pick<Run, 'stages'> }) {
  return (
    <ol className="track">
      {run.stages.map(({ name, state, step, steps }) => {
        const share = state === 'done' ? 1 : steps ? step / steps : 0
        return (
          <li key={name} className={state}>
            <span className="track-bar" aria-hidden="true">
              <span style={{ width: `${Math.min(1, share) * 100}%` }} />
            </span>
            <span className="small">
              {name}
              <span className="muted">
                {' '}
                {state === 'running' && steps ? `${step} of ${steps}` : state === 'done' ? '' : state}
              </span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}
