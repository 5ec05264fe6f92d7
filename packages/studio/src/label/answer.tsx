import type { ReactNode } from 'react'
import { Prose } from '../text/prose.tsx'

/** One completion under its letter. */
export function AnswerCard({
  name,
  text,
  aside,
  chosen,
}: {
  name: string
  text: string
  aside?: ReactNode
  chosen?: boolean
}) {
  return (
    <article className={chosen ? 'answer chosen' : 'answer'} aria-label={name}>
      <header>
        <h2>{name}</h2>
        {aside}
      </header>
      <Prose text={text} />
    </article>
  )
}
