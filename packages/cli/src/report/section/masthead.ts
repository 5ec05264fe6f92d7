import type { ReportData, ReportStage } from '../data.ts'
import { formatCount, formatDuration, formatNumber, formatPercent } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { stageWords } from '../metric-names.ts'
import { seriesOf } from '../series.ts'

/** Name, what came out in a sentence, and the facts of the run. */
export function masthead(data: ReportData, links: readonly { id: string; title: string }[]): Markup {
  const { name, description, paper } = data
  return html`<header class="masthead">
<p class="kicker"><b>Attune</b> &nbsp;·&nbsp; report of a run</p>
<h1>${name}</h1>
<p class="verdict">${verdict(data)}</p>
${description && html`<p class="description">${description}</p>`}
<dl class="facts">${facts(data).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}${
    paper && html`<div><dt>After</dt><dd>${paper}</dd></div>`
  }</dl>
${links.length > 1 && html`<nav aria-label="Sections"><ol>${links.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>`}
</header>`
}

/** Seconds of all stages together. */
export function totalSeconds(stages: readonly ReportStage[]): number {
  return stages.reduce((total, { seconds }) => total + (seconds ?? 0), 0)
}

function facts({ stages, seed, finished }: ReportData): [string, string][] {
  const total = totalSeconds(stages)
  return [
    ...(finished ? [['Finished', `${finished.slice(0, 16).replace('T', ' ')} UTC`] as [string, string]] : []),
    ...(stages.length > 0 ? [['Stages', String(stages.length)] as [string, string]] : []),
    ...(total > 0 ? [['Time', formatDuration(total)] as [string, string]] : []),
    ...(seed !== undefined ? [['Seed', String(seed)] as [string, string]] : []),
  ]
}

function verdict({ evaluation, preferences, rewardModel, stages }: ReportData): Markup {
  if (evaluation) {
    const { winRate, kl, items } = evaluation
    const prompts = items ? `${formatCount(items, 'unseen prompt')}` : 'unseen prompts'
    return html`The trained policy is preferred to the one it started from on <strong>${formatPercent(winRate.value, 0)}</strong> of ${prompts} (95${'\u202F'}% interval ${formatPercent(winRate.low, 0)} to ${formatPercent(winRate.high, 0)}), at a KL of <strong>${formatNumber(kl)} nats</strong> per sequence.`
  }
  if (preferences) {
    const { pairs, preferenceAccuracy } = preferences
    return html`The policy’s implicit reward orders <strong>${formatPercent(preferenceAccuracy)}</strong> of ${formatCount(pairs, 'held-out pair')} as the annotators did.`
  }
  if (rewardModel) {
    return html`The reward model orders <strong>${formatPercent(rewardModel.accuracy)}</strong> of ${formatCount(rewardModel.pairs, 'held-out pair')} as the annotators did.`
  }
  const last = [...stages].reverse().find(({ metrics }) => seriesOf(metrics, 'loss').length > 1)
  if (!last) return html`No stage has logged anything yet.`
  const loss = seriesOf(last.metrics, 'loss')
  return html`${stageWords(last.kind).title}: the loss went from ${formatNumber(loss[0]!.y)} to <strong>${formatNumber(loss.at(-1)!.y)}</strong> in ${formatCount(loss.length, 'step')}.`
}
