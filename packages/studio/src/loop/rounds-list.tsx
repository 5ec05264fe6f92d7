import type { Run } from '@attune/server'
import { Link } from 'react-router'
import { Interval } from '../chart/bars.tsx'
import { formatNumber } from '../chart/scale.ts'
import { StateBadge } from '../watch/runs-page.tsx'

interface WinRate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The rounds of a project: each learnt from the labels there were, and is measured against where it started. */
export function RoundsList({ rounds }: { rounds: readonly Run[] }) {
  return (
    <ul className="rounds">
      {rounds.map((run) => {
        const rate = run.summary?.winRate as WinRate | undefined
        return (
          <li key={run.name}>
            <Link to={`/runs/${run.name}`}>{run.name}</Link>
            <StateBadge state={run.state} />
            {rate ? (
              <span className="row">
                <Interval
                  {...rate}
                  domain={[0, 1]}
                  label={`Win rate ${formatNumber(rate.value * 100)} %, from ${formatNumber(rate.low * 100)} to ${formatNumber(rate.high * 100)} %`}
                />
                <span className="small">wins {formatNumber(rate.value * 100)} %</span>
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
