import type { Frontier } from '../data.ts'
import { formatNumber, formatTick } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { labelWidth, pathOf, picture, xAxis, yAxis } from './frame.ts'
import { niceScale, type Scale } from './scale.ts'

const width = 720
const height = 400
const top = 14
const bottom = height - 46

/** Gold score against KL: the policies, the way that training took, and best-of-n as a yardstick. */
export function frontierChart(id: string, { policies, training = [], bestOf = [] }: Frontier): Markup {
  const all = [...policies, ...training, ...bestOf]
  const y = niceScale(
    all.map(({ gold }) => gold),
    { range: [bottom, top], ticks: 5, pad: 0.04 },
  )
  const format = (value: number) => formatTick(value, y.step)
  const left = labelWidth(y.ticks.map(format)) + 36
  const right = width - 18
  const x = niceScale([0, ...all.map(({ kl }) => kl)], { range: [left, right], ticks: 7 })
  const scales = { x, y }
  return picture(
    {
      id,
      title: 'Gold score against KL',
      description: all.length === 0 ? '' : describe(policies, bestOf),
      width,
      height,
      kind: 'frontier-chart',
      hover: [
        ...training.map((point, i) => ({
          ...place(point, scales),
          label: `iteration ${i + 1} · ${coordinates(point)}`,
        })),
        ...[...bestOf, ...policies].map((point) => ({
          ...place(point, scales),
          label: `${point.label} · ${coordinates(point)}`,
        })),
      ],
    },
    [
      yAxis(y, { left, right, format }),
      xAxis(x, { y: bottom, left, right, format: (value) => formatTick(value, x.step) }),
      trainingPath(training, scales),
      yardstick(bestOf, scales),
      policyPoints(policies, { ...scales, right }),
      html`<text class="axis-title" x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle">KL from the starting policy, nats per sequence</text>`,
      html`<text class="axis-title" transform="rotate(-90 12 ${(top + bottom) / 2})" x="12" y="${(top + bottom) / 2}" text-anchor="middle">mean gold score</text>`,
    ],
  )
}

interface Scales {
  readonly x: Scale
  readonly y: Scale
}

function place(point: { kl: number; gold: number }, { x, y }: Scales): { x: number; y: number } {
  return { x: x.at(point.kl), y: y.at(point.gold) }
}

function trainingPath(training: NonNullable<Frontier['training']>, scales: Scales): Markup {
  const at = training.map((point) => place(point, scales))
  const line = pathOf(at, (point) => point)
  return html`<g class="training">${at.length > 1 && html`<path d="${line}"/>`}${at.map(({ x, y }, i) => {
    const opacity = 0.3 + 0.6 * (i / Math.max(at.length - 1, 1))
    return html`<circle cx="${x}" cy="${y}" r="2.6" opacity="${opacity}"/>`
  })}</g>`
}

function yardstick(bestOf: NonNullable<Frontier['bestOf']>, scales: Scales): Markup {
  const at = bestOf.map((point) => place(point, scales))
  const last = bestOf.length - 1
  return html`<g class="yardstick"><path d="${pathOf(at, (point) => point)}"/>${at.map(({ x, y }, i) => {
    const { n } = bestOf[i]!
    return html`<path class="diamond" d="M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z"/>${
      n > 1 &&
      html`<text x="${x - 8}" y="${y - 8}" text-anchor="end">${i === last ? `best of ${n}` : String(n)}</text>`
    }`
  })}</g>`
}

function policyPoints(policies: Frontier['policies'], { x, y, right }: Scales & { right: number }): Markup {
  return html`<g class="policies">${policies.map((point, i) => {
    const at = place(point, { x, y })
    const before = at.x > right - 90
    return html`<circle class="${i === 0 ? 'start' : 'policy'}" cx="${at.x}" cy="${at.y}" r="6.5"/><text class="${i === 0 ? 'start' : 'policy'}" x="${before ? at.x - 12 : at.x + 12}" y="${i === 0 ? at.y + 18 : at.y - 8}" text-anchor="${before ? 'end' : 'start'}">${point.label}</text>`
  })}</g>`
}

function coordinates({ kl, gold }: { kl: number; gold: number }): string {
  return `KL ${formatNumber(kl)} nats · gold ${formatNumber(gold)}`
}

function describe(policies: Frontier['policies'], bestOf: NonNullable<Frontier['bestOf']>): string {
  return [...policies, ...bestOf].map((point) => `${point.label}: ${coordinates(point)}`).join('; ')
}
