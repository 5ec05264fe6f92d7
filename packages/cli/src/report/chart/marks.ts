import type { Estimate } from '@attune/feedback'
import { formatDuration, formatNumber } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { extent, fixedScale } from './scale.ts'

const width = 200

/** A share on a line from `from` to 1, with a tick at what it could reach. */
export function bullet({ value, limit, from }: { value: number; limit?: number; from: number }): Markup {
  const x = fixedScale([from, 1], [1, width - 1])
  const clamp = (share: number) => x.at(Math.min(Math.max(share, from), 1))
  return strip(16, [
    html`<rect class="track" x="1" y="5" width="${width - 2}" height="6" rx="3"/>`,
    html`<rect class="fill" x="1" y="5" width="${Math.max(clamp(value) - 1, 0.5)}" height="6" rx="3"/>`,
    limit !== undefined &&
      html`<line class="limit" x1="${clamp(limit)}" x2="${clamp(limit)}" y1="0" y2="16"/>`,
  ])
}

/** An estimate and its interval on a line from 0 to 1, with a tick at even odds. */
export function intervalStrip({ value, low, high }: Estimate): Markup {
  const x = fixedScale([0, 1], [4, width - 4])
  return strip(16, [
    html`<rect class="track" x="1" y="7" width="${width - 2}" height="2" rx="1"/>`,
    html`<line class="limit" x1="${x.at(0.5)}" x2="${x.at(0.5)}" y1="1" y2="15"/>`,
    html`<rect class="range" x="${x.at(low)}" y="4" width="${Math.max(x.at(high) - x.at(low), 1)}" height="8" rx="4"/>`,
    html`<circle class="fill" cx="${x.at(value)}" cy="8" r="4.5"/>`,
  ])
}

/** Two values on one line, the change from the first to the second. */
export function dumbbell({
  before,
  after,
  domain,
}: {
  before: number
  after: number
  domain?: readonly [number, number]
}): Markup {
  const [low, high] = extent([before, after, ...(domain ?? [])])
  const x = fixedScale(low === high ? [low - 1, high + 1] : [low, high], [7, width - 7])
  const [from, to] = [x.at(before), x.at(after)]
  return strip(16, [
    html`<rect class="track" x="1" y="7" width="${width - 2}" height="2" rx="1"/>`,
    html`<line class="change" x1="${from}" x2="${to}" y1="8" y2="8"/>`,
    html`<circle class="before" cx="${from}" cy="8" r="4.5"/><circle class="fill" cx="${to}" cy="8" r="5"/>`,
  ])
}

/** A curve without axes. */
export function sparkline(values: readonly number[]): Markup {
  const [low, high] = extent(values)
  const y = fixedScale(low === high ? [low - 1, high + 1] : [low, high], [26, 4])
  const x = fixedScale([0, Math.max(values.length - 1, 1)], [3, width - 5])
  const line = values.map((value, i) => `${x.at(i).toFixed(1)},${y.at(value).toFixed(1)}`).join(' ')
  return strip(30, [
    html`<polyline class="spark" points="${line}"/>`,
    html`<circle class="fill" cx="${x.at(values.length - 1)}" cy="${y.at(values.at(-1)!)}" r="3.2"/>`,
  ])
}

/** Parts of a whole, side by side; the shades go with the order. */
export function stackedBar(parts: readonly { readonly name: string; readonly seconds: number }[]): Markup {
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0) || 1
  let start = 0
  return strip(
    12,
    parts.map(({ name, seconds }, i) => {
      const from = start
      start += (seconds / total) * width
      const shade = 1 - (0.75 * i) / Math.max(parts.length - 1, 1)
      return html`<rect class="part" x="${from}" y="1" height="10" width="${Math.max(start - from - 1.5, 0.5)}" opacity="${shade}"><title>${name}: ${formatDuration(seconds)}</title></rect>`
    }),
  )
}

/** A bar from the middle, to the left when negative; `most` is its full length. */
export function divergingBar(value: number, most: number): Markup {
  const half = 30
  const length = Math.min(Math.abs(value) / (most || 1), 1) * half
  return html`<svg class="diverging" viewBox="0 0 62 10" aria-hidden="true"><line class="limit" x1="31" x2="31" y1="0" y2="10"/><rect class="${value < 0 ? 'negative' : 'positive'}" x="${value < 0 ? 31 - length : 31}" y="2.5" width="${length}" height="5"><title>${formatNumber(value)}</title></rect></svg>`
}

/** These repeat a number that stands beside them, so that they are hidden from screen readers. */
function strip(height: number, body: readonly (Markup | false | undefined)[]): Markup {
  return html`<svg class="strip" viewBox="0 0 ${width} ${height}" aria-hidden="true">${body}</svg>`
}
