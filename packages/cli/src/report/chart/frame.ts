import { type Content, html, type Markup } from '../markup.ts'
import type { Point } from '../series.ts'
import type { Scale } from './scale.ts'

/** An SVG picture with its name and description for those who cannot see it. */
export function picture(
  {
    id,
    title,
    description,
    width,
    height,
    kind,
    hover,
  }: {
    id: string
    title: string
    description: string
    width: number
    height: number
    kind: string
    /** Points with a label each, in pixels, that the pointer can visit. */
    hover?: readonly { x: number; y: number; label: string }[]
  },
  body: Content,
): Markup {
  const points = hover && JSON.stringify(hover.map(({ x, y, label }) => [round(x), round(y), label]))
  return html`<svg class="chart ${kind}" role="img" aria-labelledby="${id}-title ${id}-description" viewBox="0 0 ${width} ${height}" ${
    points ? html`data-hover="${points}"` : ''
  }><title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>${body}</svg>`
}

/** Horizontal lines at the labels of y, with the labels to their left. */
export function yAxis(
  scale: Scale,
  { left, right, format }: { left: number; right: number; format: (value: number) => string },
): Markup {
  return html`<g class="axis">${scale.ticks.map((tick) => {
    const y = scale.at(tick)
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${left - 7}" y="${y}" dy="0.35em" text-anchor="end">${format(tick)}</text>`
  })}</g>`
}

/** Labels of x under a base line. */
export function xAxis(
  scale: Scale,
  { y, left, right, format }: { y: number; left: number; right: number; format: (value: number) => string },
): Markup {
  return html`<g class="axis"><line class="base" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>${scale.ticks.map(
    (tick) => html`<text x="${scale.at(tick)}" y="${y + 15}" text-anchor="middle">${format(tick)}</text>`,
  )}</g>`
}

/** Path data through points. */
export function pathOf(points: readonly Point[], at: (point: Point) => Point): string {
  return points
    .map((point, i) => {
      const { x, y } = at(point)
      return `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`
    })
    .join('')
}

/** Pixels that labels of this many characters take. */
export function labelWidth(labels: readonly string[]): number {
  return Math.max(0, ...labels.map((label) => label.length)) * 6.1
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
