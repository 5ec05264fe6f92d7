import type { AnnotatorProgress, ItemProgress, ItemQuery, Page, Progress } from '../contract.ts'
import { isAnswer } from '../rules.ts'
import type { ItemState, ProjectState } from './state.ts'

function progressOfItem({ item, filled, need, leases }: ItemState): ItemProgress {
  return { item, state: filled >= need ? 'done' : 'open', filled, held: leases.size }
}

/** A page of items; the cursor is the place after the last one. */
export function itemsPage(
  { items }: ProjectState,
  { ids, state, gold, cursor, limit }: ItemQuery,
): Page<ItemProgress> {
  const from = Number(cursor ?? 0)
  const wanted = ids && new Set(ids)
  const rows: ItemProgress[] = []
  let place = 0
  for (const target of items.values()) {
    place++
    if (place <= from) continue
    if (wanted && !wanted.has(target.item.id)) continue
    const row = progressOfItem(target)
    if (state && row.state !== state) continue
    if (gold !== undefined && gold !== Boolean(row.item.gold)) continue
    if (rows.length === limit) return { items: rows, nextCursor: String(place - 1) }
    rows.push(row)
  }
  return { items: rows, nextCursor: null }
}

/** How far a project is. */
export function progressOf({ items, entries }: ProjectState): Progress {
  const ordinary = [...items.values()].filter(({ item }) => !item.gold)
  const people = new Map<string, { annotator: string; done: number; skipped: number; seconds: number }>()
  const person = (annotator: string) => {
    const known = people.get(annotator) ?? { annotator, done: 0, skipped: 0, seconds: 0 }
    people.set(annotator, known)
    return known
  }
  const answers = entries.filter(({ active, judgment }) => active && isAnswer(judgment))
  for (const { judgment } of answers) {
    const who = person(judgment.annotator.id)
    who.done++
    who.seconds += judgment.durationSeconds ?? 0
  }
  const skips = [...items.values()].flatMap((target) => [...target.skips.values()])
  for (const { annotator } of skips) person(annotator).skipped++
  const perAnnotator: AnnotatorProgress[] = [...people.values()].sort((a, b) =>
    a.annotator < b.annotator ? -1 : 1,
  )
  return {
    items: ordinary.length,
    slots: ordinary.reduce((total, { need }) => total + need, 0),
    done: ordinary.reduce((total, { filled }) => total + filled, 0),
    skipped: skips.length,
    extra: answers.filter(({ extra }) => extra).length,
    perAnnotator,
  }
}
