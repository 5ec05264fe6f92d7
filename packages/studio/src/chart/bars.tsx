import { formatNumber, formatTick, linear, niceScale } from './scale.ts'
import { histogram } from './series.ts'
import { useWidth } from './use-width.ts'

/** How values are distributed; a second set is drawn as an outline to compare with. */
export function Histogram({
  title,
  values,
  before,
}: {
  title: string
  values: readonly number[]
  before?: readonly number[]
}) {
  const [ref, width] = useWidth()
  const height = 170
  const all = [...values, ...(before ?? [])]
  if (all.length === 0) return null
  const low = all.reduce((a, b) => Math.min(a, b))
  const high = all.reduce((a, b) => Math.max(a, b))
  const x = linear([low, high > low ? high : low + 1], [12, width - 12])
  const bins = histogram([...values, low, high])
  const first = before && histogram([...before, low, high])
  const most = Math.max(
    ...bins.map(({ count }) => count / values.length),
    ...(first ?? []).map(({ count }) => count / before!.length),
  )
  const y = linear([0, most], [height - 26, 10])
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return (
    <figure className="chart">
      <figcaption>
        <span>
          <b>{title}</b>
          <span className="muted small">
            {values.length} samples{before ? '; the outline is where it started' : ''}
          </span>
        </span>
        <span className="last">{formatNumber(mean)}</span>
      </figcaption>
      <div ref={ref} className="plot">
        <svg
          role="img"
          viewBox={`0 0 ${width} ${height}`}
          aria-label={`${title}: mean ${formatNumber(mean)}, from ${formatNumber(low)} to ${formatNumber(high)}`}
        >
          {bins.map(({ low: from, high: to, count }) => (
            <rect
              className="bar"
              key={from}
              x={x.at(from) + 0.5}
              width={Math.max(1, x.at(to) - x.at(from) - 1)}
              y={y.at(count / values.length)}
              height={height - 26 - y.at(count / values.length)}
            />
          ))}
          {first && (
            <path
              className="outline"
              d={first
                .map(
                  ({ low: from, high: to, count }, i) =>
                    `${i ? 'L' : 'M'}${x.at(from)} ${y.at(count / before!.length)}H${x.at(to)}`,
                )
                .join('')}
            />
          )}
          <line className="base" x1="12" x2={width - 12} y1={height - 26} y2={height - 26} />
          {x.ticks.map((tick) => (
            <text key={tick} x={x.at(tick)} y={height - 9} textAnchor="middle">
              {formatTick(tick, x.step)}
            </text>
          ))}
        </svg>
      </div>
    </figure>
  )
}

interface Bin {
  readonly predicted: number
  readonly observed: number
  readonly count: number
}

/** Predicted against observed shares: on the diagonal a reward model's odds can be taken at their word. */
export function Calibration({ bins, error }: { bins: readonly Bin[]; error?: number }) {
  const [ref, width] = useWidth()
  const size = Math.min(width, 360)
  const x = linear([0, 1], [38, size - 10], 0.25)
  const y = linear([0, 1], [size - 34, 10], 0.25)
  const most = Math.max(...bins.map(({ count }) => count))
  return (
    <figure className="chart">
      <figcaption>
        <span>
          <b>Calibration</b>
          <span className="muted small">held-out pairs; predicted (across) and observed (up)</span>
        </span>
        {error !== undefined && <span className="last">{formatNumber(error, 2)}</span>}
      </figcaption>
      <div ref={ref} className="plot">
        <svg
          role="img"
          viewBox={`0 0 ${width} ${size}`}
          aria-label={`Calibration over ${bins.length} bins${error === undefined ? '' : `, expected error ${formatNumber(error)}`}`}
        >
          {y.ticks.map((tick) => (
            <g key={tick}>
              <line className="grid" x1={x.at(0)} x2={x.at(1)} y1={y.at(tick)} y2={y.at(tick)} />
              <text x={x.at(0) - 7} y={y.at(tick)} dy="0.34em" textAnchor="end">
                {tick}
              </text>
              <text x={x.at(tick)} y={size - 14} textAnchor="middle">
                {tick}
              </text>
            </g>
          ))}
          <line className="diagonal" x1={x.at(0)} y1={y.at(0)} x2={x.at(1)} y2={y.at(1)} />
          {bins.map(({ predicted, observed, count }) => (
            <circle
              className="dot"
              key={predicted}
              cx={x.at(predicted)}
              cy={y.at(observed)}
              r={2.5 + 5 * Math.sqrt(count / most)}
            />
          ))}
        </svg>
      </div>
    </figure>
  )
}

/** An estimate with its interval on a shared axis. */
export function Interval({
  low,
  value,
  high,
  domain,
  label,
  before,
}: {
  low: number
  value: number
  high: number
  /** Where it was before: a mark on the same axis. */
  before?: number
  domain: readonly [number, number]
  label: string
}) {
  const x = linear(domain, [4, 196], niceScale(domain, [0, 1]).step)
  return (
    <svg className="interval" role="img" viewBox="0 0 200 16" aria-label={label}>
      <line className="track" x1="4" x2="196" y1="8" y2="8" />
      <line className="range" x1={x.at(low)} x2={x.at(high)} y1="8" y2="8" />
      {before !== undefined && <line className="was" x1={x.at(before)} x2={x.at(before)} y1="2" y2="14" />}
      <circle className="dot" cx={x.at(value)} cy="8" r="4.5" />
    </svg>
  )
}
