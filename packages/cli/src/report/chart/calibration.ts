import { type CalibrationBin, wilsonInterval } from '@attune/feedback'
import { formatPercent } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { pathOf, picture, xAxis, yAxis } from './frame.ts'
import { extent, fixedScale } from './scale.ts'

const width = 420
const height = 430
const left = 52
const right = width - 12
const top = 12
const bottom = 306
const bars = { top: 340, bottom: 404 }

/** Reliability diagram: predicted against observed share with 95 % intervals, and how many pairs are in each bin. */
export function calibrationChart(id: string, bins: readonly CalibrationBin[]): Markup {
  const x = fixedScale([0, 1], [left, right], 5)
  const y = fixedScale([0, 1], [bottom, top], 5)
  const percent = (value: number) => `${Math.round(value * 100)}`
  const at = (bin: { x: number; y: number }) => ({ x: x.at(bin.x), y: y.at(bin.y) })
  const points = bins.map((bin) => ({ x: bin.predicted, y: bin.observed }))
  return picture(
    {
      id,
      title: 'Calibration of the reward model',
      description: `Predicted against observed preference in ${bins.length} bins; on the diagonal the prediction is right.`,
      width,
      height,
      kind: 'calibration-chart',
      hover: bins.map((bin) => ({
        ...at({ x: bin.predicted, y: bin.observed }),
        label: `${percent(bin.predicted)} % → ${percent(bin.observed)} % · ${bin.count} pairs`,
      })),
    },
    [
      yAxis(y, { left, right, format: percent }),
      xAxis(x, { y: bottom, left, right, format: percent }),
      html`<line class="diagonal" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/>`,
      html`<text class="note" x="${x.at(0.13)}" y="${y.at(0.13)}" dx="-4" dy="-9" transform="rotate(${diagonalAngle()} ${x.at(0.13)} ${y.at(0.13)})">perfectly calibrated</text>`,
      bins.map((bin) => intervalMark(bin, { x: x.at(bin.predicted), y: y.at })),
      html`<path class="smooth" d="${pathOf(points, at)}"/>`,
      points.map((point) => html`<circle class="dot" cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="4.2"/>`),
      html`<text class="axis-title" transform="rotate(-90 13 ${(top + bottom) / 2})" x="13" y="${(top + bottom) / 2}" text-anchor="middle">chosen, % of pairs</text>`,
      countBars(bins, x.at),
      html`<text class="axis-title" x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle">predicted preference, %</text>`,
    ],
  )
}

function intervalMark(bin: CalibrationBin, { x, y }: { x: number; y: (value: number) => number }): Markup {
  const { low, high } = wilsonInterval(bin.observed * bin.count, bin.count)
  return html`<line class="interval" x1="${x}" x2="${x}" y1="${y(low)}" y2="${y(high)}"/>`
}

function countBars(bins: readonly CalibrationBin[], x: (value: number) => number): Markup {
  const most = extent(bins.map(({ count }) => count))[1]
  const tall = (count: number) => ((bars.bottom - bars.top) * count) / most
  return html`<g class="counts">${bins.map((bin) => {
    const from = x(bin.low) + 1
    const wide = x(bin.high) - x(bin.low) - 2
    return html`<rect x="${from}" width="${wide}" y="${bars.bottom - tall(bin.count)}" height="${tall(bin.count)}"/><text x="${from + wide / 2}" y="${bars.bottom - tall(bin.count) - 5}" text-anchor="middle">${bin.count}</text>`
  })}<line class="base" x1="${left}" x2="${right}" y1="${bars.bottom}" y2="${bars.bottom}"/><text class="axis-title" x="${left - 7}" y="${bars.bottom}" text-anchor="end">pairs</text></g>`
}

function diagonalAngle(): number {
  return (-Math.atan2(bottom - top, right - left) * 180) / Math.PI
}

/** The bins as rows for a table. */
export function calibrationRows(bins: readonly CalibrationBin[]): string[][] {
  return bins.map((bin) => [
    `${Math.round(bin.low * 100)}–${formatPercent(bin.high, 0)}`,
    formatPercent(bin.predicted),
    formatPercent(bin.observed),
    String(bin.count),
  ])
}
