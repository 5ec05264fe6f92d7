import type { ReactNode } from 'react'
import Markdown from 'react-markdown'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { highlightCode } from './highlight.ts'

/** What models write may hold no images (they would call out to other hosts) and no ids that clash with the page's. */
const schema = {
  ...defaultSchema,
  tagNames: defaultSchema.tagNames?.filter((name) => name !== 'img' && name !== 'input'),
}

/** Text of a model or a person as Markdown with highlighted code. HTML in it is shown as text and never run. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[[rehypeSanitize, schema], highlightCode]}
        components={components}
      >
        {text}
      </Markdown>
      {text.trim() === '' && <p className="muted">(nothing)</p>}
    </div>
  )
}

/** Headings inside a text are styled paragraphs, so that the page's outline stays its own; links open beside. */
const components = {
  h1: heading,
  h2: heading,
  h3: heading,
  h4: heading,
  h5: heading,
  h6: heading,
  a: ({ href, children }: { href?: string; children?: ReactNode }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
}

function heading({ children }: { children?: ReactNode }) {
  return (
    <p className="prose-heading">
      <strong>{children}</strong>
    </p>
  )
}
