import type { Label, Query } from './clip-folder.ts'

/** An answer or a skip: what closes a query. */
export type Closing = Exclude<Label, { kind: 'retraction' }>

/** Queries that nobody has answered or skipped, in the order in which they were asked. */
export function openQueries(queries: readonly Query[], labels: readonly Label[]): Query[] {
  const seen = new Set(inForce(labels).map(({ item }) => item))
  return queries.filter(({ item }) => {
    const open = !seen.has(item)
    seen.add(item)
    return open
  })
}

/** Answers and skips that have not been taken back, oldest first. */
export function inForce(labels: readonly Label[]): Closing[] {
  const back = new Set(labels.flatMap(({ supersedes }) => supersedes ?? []))
  return labels.filter((label): label is Closing => label.kind !== 'retraction' && !back.has(label.id ?? ''))
}
