import { createHash } from 'node:crypto'
import type { Item, NewItem, Protocol } from '@attune/feedback'

/** An item with an id; one without gets one from its content, so that adding it twice adds it once. */
export function withId(item: Omit<NewItem, 'id'> & { id?: string | undefined }): NewItem {
  const { id, ...rest } = item
  const content = JSON.stringify([rest.prompt, rest.completions ?? [], rest.clips ?? []])
  return { ...rest, id: id ?? createHash('sha256').update(content).digest('hex').slice(0, 32) }
}

/** An item as an annotator sees it: without its known answer, scores and the names of models. */
export function blinded({ gold: _gold, metadata: _metadata, overlap: _overlap, ...item }: Item): Item {
  return { ...item, completions: item.completions.map(({ text }) => ({ text })) }
}

/** Kinds of judgment that are about one completion. */
const aboutOne: readonly string[] = ['rating', 'binary', 'critique', 'edit', 'violation', 'rule-check']

/** An item as tasks of a kind: where people are asked about one completion, each completion is an item of its own. */
export function tasksOf(item: NewItem, kind: Protocol['kind'] | undefined): NewItem[] {
  const { completions = [] } = item
  if (kind === undefined || !aboutOne.includes(kind) || completions.length < 2) return [item]
  return completions.map((completion, i) => ({
    ...item,
    id: `${item.id.slice(0, 120)}-${i + 1}`,
    completions: [completion],
  }))
}
