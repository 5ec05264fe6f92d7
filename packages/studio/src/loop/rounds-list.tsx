import type { Run } from '@attune/server'
import { Link } from 'react-router'
import { Interval } from '../chart/bars.tsx'
import { formatNumber, formatShare, toHundredths } from '../chart/scale.ts'
import { StateBadge } from '../watch/runs-page.tsx'
import { type Estimate, scoreChange } from '../watch/score-change.ts'

/** The rounds of a project: each learnt from the labels there were, and is measured against where it started. */
export function RoundsList({ rounds }: { rounds: readonly Run[] }) {
  return (
    <ul className="rounds">
      {rounds.map((run) => {
        const rate = run.summary?.winRate as Estimate | undefined
        const scores = scoreChange(run)
        return (
          <li key={run.name}>
            <Link to={`/runs/${run.name}`}>{run.name}</Link>
            <StateBadge state={run.state} />
            {rate ? (
              <span className="row">
                <Interval
                  {...rate}
                  domain={[0, 1]}
                  label={`Win rate ${formatShare(rate.value)}, from ${formatNumber(rate.low * 100)} to ${formatNumber(rate.high * 100)} %`}
                />
                <span className="small">wins {formatShare(rate.value)}</span>
              </span>
            ) : scores ? (
              <span className="row">
                <Interval
                  {...scores.after}
                  before={scores.before.value}
                  domain={[
                    Math.min(scores.before.low, scores.after.low),
                    Math.max(scores.before.high, scores.after.high),
                  ]}
                  label={`Mean reward after: ${toHundredths(scores.after.value)}, from ${toHundredths(scores.after.low)} to ${toHundredths(scores.after.high)}`}
                />
                <span className="small">
                  reward {toHundredths(scores.before.value)} → {toHundredths(scores.after.value)}
                </span>
              </span>
            ) : (
              <span className="muted small">
                {run.stages.find(({ state }) => state === 'running')?.name ?? ''}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
