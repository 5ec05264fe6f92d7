import { frontierChart } from '../chart/frontier.ts'
import { dumbbell } from '../chart/marks.ts'
import type { EvaluationReport, Frontier, TextMonitors } from '../data.ts'
import { formatNumber, formatPercent, formatSigned } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { dataTable } from './table.ts'

/** What was bought at which price: gold score against KL. */
export function frontierSection(frontier: Frontier): Markup {
  const { policies, bestOf = [], training = [] } = frontier
  return html`<section id="frontier"><h2>What a nat buys</h2>
<p class="lead">The gold score that annotators follow, against the distance from the starting policy. Higher at the same KL is better${bestOf.length > 1 ? '; picking the best of n samples by reward is the yardstick' : ''}.</p>
<figure><div class="wide" tabindex="0" role="region" aria-label="Chart of gold score against KL">${frontierChart('frontier-chart', frontier)}</div>
<ul class="key"><li><svg viewBox="0 0 22 12" aria-hidden="true"><g class="policies"><circle class="policy" cx="11" cy="6" r="5.5"/></g></svg>trained policy, unseen prompts</li><li><svg viewBox="0 0 22 12" aria-hidden="true"><g class="policies"><circle class="start" cx="11" cy="6" r="5.5"/></g></svg>starting policy</li>${
    training.length > 0 &&
    html`<li><svg viewBox="0 0 22 12" aria-hidden="true"><g class="training"><path d="M1 6H21"/><circle cx="5" cy="6" r="2.6" opacity=".4"/><circle cx="17" cy="6" r="2.6"/></g></svg>training batches, later ones darker</li>`
  }${
    bestOf.length > 1 &&
    html`<li><svg viewBox="0 0 22 12" aria-hidden="true"><g class="yardstick"><path d="M1 6H21"/><path class="diamond" d="M11 1L16 6L11 11L6 6Z"/></g></svg>best of n, KL = log n − (n − 1)/n</li>`
  }</ul>
${dataTable({
  summary: 'Numbers behind the chart',
  caption: 'Gold score against KL, nats per sequence',
  head: ['Policy', 'KL', 'Gold'],
  rows: [...policies, ...bestOf].map(({ label, kl, gold }) => [
    label,
    formatNumber(kl),
    formatSigned(gold, 3),
  ]),
})}</figure></section>`
}

const monitors: readonly {
  key: keyof TextMonitors
  title: string
  format: (value: number) => string
  domain: readonly [number, number]
}[] = [
  { key: 'meanLength', title: 'Length, tokens', format: (value) => value.toFixed(1), domain: [0, 0] },
  { key: 'distinct1', title: 'Distinct words', format: formatPercent, domain: [0, 1] },
  { key: 'distinct2', title: 'Distinct word pairs', format: formatPercent, domain: [0, 1] },
  { key: 'endedShare', title: 'Ended by themselves', format: formatPercent, domain: [0, 1] },
]

/** Lengths and diversity before and after, where cheating on the reward shows first. */
export function monitorsSection({ before, after }: EvaluationReport): Markup | undefined {
  const rows = monitors.flatMap(({ key, title, format, domain }) => {
    const [from, to] = [before?.[key], after?.[key]]
    return from === undefined || to === undefined ? [] : [{ title, from, to, format, domain }]
  })
  if (rows.length === 0) return undefined
  return html`<section id="monitors"><h2>Is it still writing?</h2>
<p class="lead">A policy that cheats its reward first changes length or repeats itself.</p>
<div class="scroll" role="region" aria-label="Length and diversity before and after" tabindex="0"><table class="monitors"><thead><tr><th scope="col">On unseen prompts</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Change</th><td></td></tr></thead>
<tbody>${rows.map(
    ({ title, from, to, format, domain }) =>
      html`<tr><th scope="row">${title}</th><td>${format(from)}</td><td>${format(to)}</td><td>${from === 0 ? '–' : `${formatSigned(100 * (to / from - 1), 0)}\u202F%`}</td><td>${dumbbell({ before: from, after: to, domain })}</td></tr>`,
  )}</tbody></table></div></section>`
}
