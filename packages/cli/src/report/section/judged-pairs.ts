import { divergingBar } from '../chart/marks.ts'
import type { JudgedPair, RewardedText } from '../data.ts'
import { formatSigned } from '../format.ts'
import { html, type Markup } from '../markup.ts'

/** Pairs that annotators judged, side by side with the rewards of both completions. */
export function judgedPairs(
  pairs: readonly JudgedPair[],
  { title, lead }: { title: string; lead: string },
): Markup {
  const largest = Math.max(
    ...pairs.flatMap(({ chosen, rejected }) =>
      [chosen, rejected].flatMap(({ before, after }) => [Math.abs(before), Math.abs(after)]),
    ),
  )
  const pair = ({ prompt, chosen, rejected }: JudgedPair, i: number) => html`<article class="pair">
<p class="prompt" data-number="${i + 1}">${prompt}${'\u2009'}…</p>
${completion(chosen, { title: 'Chosen', kind: 'after', largest })}
${completion(rejected, { title: 'Rejected', kind: 'before', largest })}
</article>`
  return html`<details class="pairs"><summary>${title}</summary><p class="muted">${lead}</p>${pairs.map(pair)}</details>`
}

function completion(
  { text, before, after }: RewardedText,
  { title, kind, largest }: { title: string; kind: string; largest: number },
): Markup {
  const reward = (name: string, value: number) =>
    html`<div><dt>${name}</dt><dd>${formatSigned(value)}${divergingBar(value, largest)}</dd></div>`
  return html`<div class="completion ${kind}"><h4>${title}</h4><blockquote>${text.trim()}</blockquote>
<dl class="scores">${reward('reward before', before)}${reward('after', after)}</dl></div>`
}
