import { html, type Markup } from '../markup.ts'

/** The numbers of a picture, folded under it. */
export function dataTable({
  summary,
  caption,
  head,
  rows,
}: {
  summary: string
  caption: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
}): Markup {
  return html`<details><summary>${summary}</summary><div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div></details>`
}
