import { lineChart } from '../chart/line.ts'
import type { ReportStage } from '../data.ts'
import { formatCount, formatDuration, formatNumber } from '../format.ts'
import { html, type Markup, slug } from '../markup.ts'
import { type MetricName, namedMetrics, stageWords } from '../metric-names.ts'
import { evenly, metricNames, seriesOf, smoothingSpan } from '../series.ts'
import { dataTable } from './table.ts'

/** Every stage with its curves. */
export function stagesSection(stages: readonly ReportStage[]): Markup | undefined {
  if (stages.length === 0) return undefined
  return html`<section id="stages"><h2>${stages.length > 1 ? 'Stage by stage' : 'Training'}</h2>
<p class="lead">Faint lines are single steps, strong ones their exponential mean. Point at a curve to read it.</p>
${stages.map((stage, i) => stageBlock(stage, i + 1))}</section>`
}

function stageBlock(stage: ReportStage, number: number): Markup {
  const { title, text } = stageWords(stage.kind)
  const metrics = namedMetrics(stage.kind, metricNames(stage.metrics)).filter(
    ([name]) => seriesOf(stage.metrics, name).length > 0,
  )
  const first = metrics.filter(([, metric]) => metric.first)
  const further = metrics.filter(([, metric]) => !metric.first)
  const charts = (list: readonly [string, MetricName][]) =>
    html`<div class="multiples">${list.map((metric) => metricFigure(stage, metric))}</div>`
  return html`<article class="stage"><header><h3><span>${number}</span>${title}</h3><p>${facts(stage)}</p></header>
${text && html`<p>${text}</p>`}
${first.length > 0 && charts(first)}
${further.length > 0 && html`<details><summary>${formatCount(further.length, 'further curve')}</summary>${charts(further)}</details>`}
${metrics.length > 0 && metricTable(stage, metrics)}</article>`
}

function facts({ name, kind, metrics, seconds }: ReportStage): string {
  const span = smoothingSpan(metrics.length)
  return [
    ...(name === kind ? [] : [name]),
    ...(metrics.length > 0 ? [formatCount(metrics.length, 'step')] : []),
    ...(seconds === undefined ? [] : [formatDuration(seconds)]),
    ...(seconds !== undefined && metrics.length > 1
      ? [`${formatDuration(seconds / metrics.length)} a step`]
      : []),
    ...(span > 1 ? [`mean over about ${span} steps`] : []),
  ].join(' · ')
}

function metricFigure({ name: stage, metrics }: ReportStage, [name, metric]: [string, MetricName]): Markup {
  const points = seriesOf(metrics, name)
  const band =
    name === 'mean_reward'
      ? { low: seriesOf(metrics, 'min_reward'), high: seriesOf(metrics, 'max_reward') }
      : undefined
  const hasBand = band !== undefined && band.low.length > 0 && band.high.length > 0
  return html`<figure><figcaption><div><b>${metric.title}</b><span>${[metric.unit, metric.note].filter(Boolean).join(' · ') || '\u00A0'}</span></div><div class="last">${formatNumber(points.at(-1)!.y)}</div></figcaption>${lineChart(
    {
      id: slug('chart', stage, name),
      title: metric.title,
      unit: metric.unit,
      points,
      ...(hasBand ? { band } : {}),
    },
  )}</figure>`
}

function metricTable({ name, metrics }: ReportStage, shown: readonly [string, MetricName][]): Markup {
  const rows = evenly(metrics, 21)
  return dataTable({
    summary: 'Numbers behind the curves',
    caption: `Stage ${name}, ${rows.length} of ${formatCount(metrics.length, 'step')}; metrics.jsonl has them all.`,
    head: ['Step', ...shown.map(([, { title }]) => title)],
    rows: rows.map((record, i) => [
      String(record.step ?? i + 1),
      ...shown.map(([metric]) => {
        const value = record[metric]
        return typeof value === 'number' ? formatNumber(value) : String(value ?? '–')
      }),
    ]),
  })
}
