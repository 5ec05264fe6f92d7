/** Text that is safe to put into a page as it is. */
export class Markup {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

/** What a template accepts: everything but markup is escaped; false, null and undefined are nothing. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[]

/** Template for HTML and SVG that escapes whatever is put in. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.reduce((page, part, i) => page + render(contents[i - 1]) + part))
}

/** Text for an element or a quoted attribute. */
export function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are not allowed in HTML
  const printable = text.replace(/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\uFFFE\uFFFF]/g, '\uFFFD')
  return printable.replace(/[&<>"']/g, (character) => entities[character]!)
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function render(content: Content): string {
  if (content instanceof Markup) return content.source
  if (Array.isArray(content)) return content.map(render).join('')
  if (typeof content === 'string') return escapeText(content)
  if (typeof content === 'number') return String(Math.round(content * 100) / 100)
  return ''
}

/** A name for an id attribute. */
export function slug(...names: readonly string[]): string {
  return names
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
