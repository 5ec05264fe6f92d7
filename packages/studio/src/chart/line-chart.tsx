import { useId, useState } from 'react'
import { Scroll } from '../design/scroll.tsx'
import { formatNumber, formatTick, linear, niceScale, type Scale } from './scale.ts'
import { evenly, nearest, type Point, type Series, smooth } from './series.ts'
import { useWidth } from './use-width.ts'

const height = 190
const top = 12
const bottom = height - 26

/** Curves over steps: hover or move the cursor to read values; each series has a dash pattern as well as a colour. */
export function LineChart({
  title,
  unit,
  note,
  series,
}: {
  title: string
  unit?: string
  note?: string
  series: readonly Series[]
}) {
  const id = useId()
  const [ref, width] = useWidth()
  const [cursor, setCursor] = useState<number | null>(null)
  const [table, setTable] = useState(false)
  const drawn = series.filter(({ points }) => points.length > 0)
  const all = drawn.flatMap(({ points }) => points)
  const ys = all.map((point) => point.y)
  const y = niceScale(ys, [bottom, top])
  const labels = y.ticks.map((tick) => formatTick(tick, y.step))
  const left = Math.max(...labels.map((label) => label.length), 2) * 6.4 + 12
  const xs = all.map((point) => point.x)
  const [first, last] = [
    xs.reduce((a, b) => Math.min(a, b), Infinity),
    xs.reduce((a, b) => Math.max(a, b), 0),
  ]
  const x = linear([first, Math.max(last, first + 1)], [left, width - 10])
  const at = (point: Point) => ({ x: x.at(point.x), y: y.at(point.y) })
  const read =
    cursor === null ? null : drawn.map(({ name, points }) => ({ name, point: nearest(points, cursor) }))
  return (
    <figure className="chart">
      <figcaption>
        <span>
          <b>{title}</b>
          <span className="muted small">{[unit, note].filter(Boolean).join(' · ')}</span>
        </span>
        <span className="last">{drawn.length === 1 && formatNumber(drawn[0]!.points.at(-1)!.y)}</span>
      </figcaption>
      <div ref={ref} className="plot">
        <svg
          role="img"
          aria-labelledby={`${id}-name`}
          viewBox={`0 0 ${width} ${height}`}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            setCursor(valueAt(x, event.clientX - box.left, [first, last]))
          }}
          onPointerLeave={() => setCursor(null)}
        >
          <title id={`${id}-name`}>{describe(title, drawn)}</title>
          <Axes x={x} y={y} left={left} right={width - 10} />
          <Curves series={drawn} at={at} />
          {read && cursor !== null && <Cursor at={at} x={x.at(cursor)} read={read} />}
        </svg>
      </div>
      <div className="row spread chart-foot">
        <p className="read small" aria-live="off">
          {read && cursor !== null ? reading(cursor, read) : ''}
        </p>
        <input
          type="range"
          className="chart-cursor"
          aria-label={`Step of ${title}`}
          min={Number.isFinite(first) ? first : 0}
          max={Math.max(last, 1)}
          value={cursor ?? last}
          aria-valuetext={`step ${cursor ?? last}: ${formatNumber(nearest(drawn[0]?.points ?? [], cursor ?? last)?.y ?? Number.NaN)}`}
          onChange={(event) => setCursor(Number(event.target.value))}
          onBlur={() => setCursor(null)}
        />
        <button type="button" className="link small" aria-expanded={table} onClick={() => setTable(!table)}>
          {table ? 'Hide the numbers' : 'Numbers'}
        </button>
      </div>
      {table && <NumbersTable title={title} series={drawn} />}
    </figure>
  )
}

/** The values at a step in one line; names only where there is more than one series. */
function reading(step: number, read: readonly { name: string; point: Point | undefined }[]): string {
  const values = read.map(({ name, point }) => {
    const value = point ? formatNumber(point.y) : '–'
    return read.length > 1 ? `${name} ${value}` : value
  })
  return `step ${Math.round(step)}: ${values.join(' · ')}`
}

function Curves({ series, at }: { series: readonly Series[]; at: (point: Point) => Point }) {
  return series.map(({ name, points }, i) => {
    const curve = smooth(points)
    const end = at(curve.at(-1)!)
    return (
      <g key={name} className={`line line-${i % 6}`}>
        {series.length === 1 && points.length >= 16 && (
          <path className="raw" d={pathOf(evenly(points, 400), at)} />
        )}
        <path d={pathOf(evenly(curve, 300), at)} />
        <circle cx={end.x} cy={end.y} r="3.2" />
      </g>
    )
  })
}

interface CursorProps {
  readonly x: number
  readonly read: readonly { name: string; point: Point | undefined }[]
  readonly at: (point: Point) => Point
}

function Cursor({ x, read, at }: CursorProps) {
  return (
    <g className="cursor">
      <line x1={x} x2={x} y1={top} y2={bottom} />
      {read.map(
        ({ name, point }) => point && <circle key={name} cx={at(point).x} cy={at(point).y} r="3.6" />,
      )}
    </g>
  )
}

function Axes({ x, y, left, right }: { x: Scale; y: Scale; left: number; right: number }) {
  return (
    <g className="axes">
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={left} x2={right} y1={y.at(tick)} y2={y.at(tick)} />
          <text x={left - 8} y={y.at(tick)} dy="0.34em" textAnchor="end">
            {formatTick(tick, y.step)}
          </text>
        </g>
      ))}
      <line className="base" x1={left} x2={right} y1={bottom} y2={bottom} />
      {x.ticks.filter(Number.isInteger).map((tick) => (
        <text key={tick} x={x.at(tick)} y={bottom + 17} textAnchor="middle">
          {tick}
        </text>
      ))}
    </g>
  )
}

function NumbersTable({ title, series }: { title: string; series: readonly Series[] }) {
  const steps = evenly(
    [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b),
    60,
  )
  return (
    <Scroll label={`Numbers of ${title}`} className="numbers">
      <table>
        <caption>{title}, by step</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {series.map(({ name }) => (
              <th scope="col" className="number" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step}>
              <th scope="row">{step}</th>
              {series.map(({ name, points }) => (
                <td className="number" key={name}>
                  {formatNumber(points.find(({ x }) => x === step)?.y ?? Number.NaN)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** The names of several series with their dash patterns. */
export function Legend({ names }: { names: readonly string[] }) {
  return (
    <ul className="legend">
      {names.map((name, i) => (
        <li key={name}>
          <svg viewBox="0 0 30 10" aria-hidden="true" className={`line line-${i % 6}`}>
            <path d="M1 5H29" />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  )
}

function pathOf(points: readonly Point[], at: (point: Point) => Point): string {
  return points
    .map((point, i) => `${i === 0 ? 'M' : 'L'}${at(point).x.toFixed(1)} ${at(point).y.toFixed(1)}`)
    .join('')
}

function valueAt(scale: Scale, pixel: number, [low, high]: readonly [number, number]): number {
  const share = (pixel - scale.at(low)) / (scale.at(high) - scale.at(low) || 1)
  return Math.round(low + Math.max(0, Math.min(1, share)) * (high - low))
}

function describe(title: string, series: readonly Series[]): string {
  const parts = series.map(({ name, points }) => {
    const [start, end] = [points[0]!, points.at(-1)!]
    return `${name} from ${formatNumber(start.y)} at step ${start.x} to ${formatNumber(end.y)} at step ${end.x}`
  })
  return `${title}: ${parts.join('; ') || 'no values yet'}`
}
