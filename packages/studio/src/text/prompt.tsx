import type { Item } from '@attune/server'
import { Prose } from './prose.tsx'

/** What the model was asked: a text, or the turns of a conversation. */
export function Prompt({ prompt }: { prompt: Item['prompt'] }) {
  if (typeof prompt === 'string') return <Prose text={prompt} />
  return (
    <ol className="turns">
      {prompt.map(({ role, content }, i) => (
        <li key={`${i} ${role}`} className={role}>
          <span className="role">{role}</span>
          <Prose text={content} />
        </li>
      ))}
    </ol>
  )
}

/** A prompt in one line, for lists. */
export function promptLine(prompt: Item['prompt']): string {
  const text = typeof prompt === 'string' ? prompt : (prompt.at(-1)?.content ?? '')
  return text.length > 160 ? `${text.slice(0, 157).trimEnd()} …` : text
}
