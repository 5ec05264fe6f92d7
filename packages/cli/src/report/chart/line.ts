import { formatNumber, formatTick } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { evenly, type Point, smooth, smoothingSpan, thin } from '../series.ts'
import { labelWidth, pathOf, picture, xAxis, yAxis } from './frame.ts'
import { fixedScale, niceScale } from './scale.ts'

/** A curve to draw. */
export interface LineChart {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly points: readonly Point[]
  /** Lower and upper bounds around the curve, at the same steps. */
  readonly band?: { readonly low: readonly Point[]; readonly high: readonly Point[] }
  /** A level to compare with. */
  readonly reference?: { readonly y: number; readonly label: string }
}

const width = 320
const height = 168
const top = 10
const bottom = height - 24

/** A metric over steps: every value faint, their exponential mean on top, the last one marked. */
export function lineChart({ id, title, unit, points, band, reference }: LineChart): Markup {
  const smoothed = smooth(points, smoothingSpan(points.length))
  const everything = [...points, ...(band ? [...band.low, ...band.high] : [])].map(({ y }) => y)
  const y = niceScale([...everything, ...(reference ? [reference.y] : [])], { range: [bottom, top] })
  const format = (value: number) => formatTick(value, y.step)
  const left = Math.max(30, labelWidth(y.ticks.map(format)) + 10)
  const right = width - 8
  const x = fixedScale([points[0]!.x, Math.max(points.at(-1)!.x, points[0]!.x + 1)], [left, right])
  const steps = { ...x, ticks: x.ticks.filter(Number.isInteger) }
  const at = (point: Point) => ({ x: x.at(point.x), y: y.at(point.y) })
  const last = at(smoothed.at(-1)!)
  const single = points.length === 1
  return picture(
    {
      id,
      title,
      description: describe({ title, unit, points }),
      width,
      height,
      kind: 'line-chart',
      hover: evenly(points, 240).map((point) => ({
        ...at(point),
        label: `step ${formatNumber(point.x, 6)} · ${formatNumber(point.y)}`,
      })),
    },
    [
      yAxis(y, { left, right, format }),
      xAxis(steps, { y: bottom, left, right, format: (value) => formatTick(value, x.step) }),
      band && html`<path class="band" d="${bandPath(band, at)}"/>`,
      reference && referenceLine(reference, { y: y.at(reference.y), left, right }),
      !single && html`<path class="raw" d="${pathOf(thin(points), at)}"/>`,
      !single && html`<path class="smooth" d="${pathOf(thin(smoothed, 200), at)}"/>`,
      html`<circle class="end" cx="${last.x}" cy="${last.y}" r="3.2"/>`,
    ],
  )
}

function bandPath({ low, high }: NonNullable<LineChart['band']>, at: (point: Point) => Point): string {
  const back = pathOf([...evenly(low, 160)].reverse(), at).replace('M', 'L')
  return `${pathOf(evenly(high, 160), at)}${back}Z`
}

function referenceLine(
  { label }: { label: string },
  { y, left, right }: { y: number; left: number; right: number },
): Markup {
  return html`<g class="reference"><line x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${right}" y="${y - 5}" text-anchor="end">${label}</text></g>`
}

function describe({ title, unit, points }: Pick<LineChart, 'title' | 'unit' | 'points'>): string {
  const [first, last] = [points[0]!, points.at(-1)!]
  const of = (point: Point) => `${formatNumber(point.y)}${unit ? ` ${unit}` : ''} at step ${point.x}`
  const lowest = points.reduce((a, b) => (b.y < a.y ? b : a))
  const highest = points.reduce((a, b) => (b.y > a.y ? b : a))
  return `${title}: from ${of(first)} to ${of(last)}; lowest ${of(lowest)}, highest ${of(highest)}.`
}
