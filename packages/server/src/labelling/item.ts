import { createHash } from 'node:crypto'
import type { Item, NewItem } from '@attune/feedback'

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
