import { diffWordsWithSpace } from 'diff'

/** Two texts as one: what only the first has is struck through, what only the second has is underlined. */
export function Diff({ before, after, names }: { before: string; after: string; names: [string, string] }) {
  return (
    <div className="diff">
      <p className="muted small">
        <del>only in {names[0]}</del> · <ins>only in {names[1]}</ins>
      </p>
      <div className="diff-text">
        {diffWordsWithSpace(before, after).map((part, i) => {
          const key = `${i}-${part.value.length}`
          if (part.added) return <ins key={key}>{part.value}</ins>
          if (part.removed) return <del key={key}>{part.value}</del>
          return <span key={key}>{part.value}</span>
        })}
      </div>
    </div>
  )
}
