import { divergingBar } from '../chart/marks.ts'
import type { SamplePair, ScoredText } from '../data.ts'
import { formatCount, formatSigned } from '../format.ts'
import { html, type Markup } from '../markup.ts'

const shown = 6

/** Completions of the same prompts side by side. */
export function samplesSection(samples: readonly SamplePair[]): Markup {
  const scale = {
    gold: most(samples, 'gold'),
    reward: most(samples, 'reward'),
  }
  const pair = (sample: SamplePair, i: number) => html`<article class="pair">
<p class="prompt" data-number="${i + 1}">${sample.prompt}${'\u2009'}…</p>
${completion(sample.before, { title: 'Before', kind: 'before', scale })}
${completion(sample.after, { title: 'After', kind: 'after', scale })}
</article>`
  const rest = samples.slice(shown)
  return html`<section id="samples"><h2>Before and after</h2>
<p class="lead">The same prompts completed by the policy before and after training: the first of those that were not trained on, not chosen.</p>
${samples.slice(0, shown).map(pair)}
${
  rest.length > 0 &&
  html`<details><summary>${formatCount(rest.length, 'more prompt')}</summary>${rest.map((sample, i) => pair(sample, i + shown))}</details>`
}</section>`
}

interface Side {
  readonly title: string
  readonly kind: string
  readonly scale: { readonly gold: number; readonly reward: number }
}

function completion({ text, gold, reward }: ScoredText, { title, kind, scale }: Side): Markup {
  const score = (name: string, value: number | undefined, largest: number) =>
    value !== undefined &&
    html`<div><dt>${name}</dt><dd>${formatSigned(value)}${divergingBar(value, largest)}</dd></div>`
  const words = text.trim()
  return html`<div class="completion ${kind}"><h4>${title}</h4>${
    words === ''
      ? html`<p class="empty">ends at once</p>`
      : html`<blockquote>…${/^\s/.test(text) ? ' ' : ''}${words}</blockquote>`
  }<dl class="scores">${score('gold', gold, scale.gold)}${score('reward', reward, scale.reward)}</dl></div>`
}

function most(samples: readonly SamplePair[], name: 'gold' | 'reward'): number {
  return Math.max(
    0,
    ...samples.flatMap(({ before, after }) => [before[name] ?? 0, after[name] ?? 0]).map(Math.abs),
  )
}
