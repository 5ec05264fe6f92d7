import type { ReportData } from '../data.ts'
import { html, type Markup } from '../markup.ts'

/** The recipe as run and how to run it again. */
export function recipeSection({
  recipe,
  commands = [],
  environment = {},
  seed,
}: ReportData): Markup | undefined {
  const machine = Object.entries(environment)
  if (!recipe && commands.length === 0 && machine.length === 0) return undefined
  return html`<section id="recipe"><h2>Run it again</h2>
<p class="lead">All that is random is a function of the seed${seed === undefined ? '' : html` (here ${String(seed)})`} and the step: on the same machine with the same number of threads, the same recipe gives the same bits, also after an interruption.</p>
${commands.length > 0 && html`<pre tabindex="0"><code>${commands.join('\n')}</code></pre>`}
${machine.length > 0 && html`<dl class="numbers">${machine.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}
${recipe && html`<details open><summary>The recipe as run</summary><pre tabindex="0" role="region" aria-label="Recipe"><code>${recipe.trimEnd().split('\n').map(recipeLine)}</code></pre></details>`}
</section>`
}

/** A line of YAML with its key and its comment set off. */
function recipeLine(line: string): Markup {
  const [, indent = '', key = '', rest = ''] = /^(\s*(?:- )?)([\w./-]+:(?=\s|$))?(.*)$/s.exec(line)!
  const comment = rest.search(/(^|\s)#/)
  const [value, note] = comment < 0 ? [rest, ''] : [rest.slice(0, comment), rest.slice(comment)]
  return html`${indent}${key && html`<span class="name">${key}</span>`}${value}${note && html`<span class="comment">${note}</span>`}${'\n'}`
}
