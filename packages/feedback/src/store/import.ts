import { createHash } from 'node:crypto'
import type { NewItem } from '../model/item.ts'
import type { Judgment } from '../model/judgment.ts'
import type { Project } from '../model/project.ts'
import { promptText } from '../model/text.ts'
import type { FeedbackStore } from './contract.ts'

/** What was left out of a file, and why; the first row is 1. */
export interface ImportProblem {
  readonly row: number
  readonly message: string
}

/** What a file brings in, each item with its row. */
export interface Imported {
  readonly items: readonly { readonly row: number; readonly item: NewItem }[]
  readonly judgments: readonly Judgment[]
  readonly problems: readonly ImportProblem[]
}

/**
 * Adds a file's items and judgments to a project; twice the same file adds once. Judgments that the project does not ask for are
 * left out, and so are items whose id belongs to other texts, with their judgments. Returns how many were new, and the problems.
 */
export async function importInto(
  store: FeedbackStore,
  project: Project,
  { items, judgments, problems }: Imported,
): Promise<{ items: number; judgments: number; problems: readonly ImportProblem[] }> {
  const others = await itemsOfOtherTexts(store, project, items)
  const rows = new Map(items.map(({ row, item }) => [item.id, row]))
  const left = judgments.filter(({ item }) => !others.has(item))
  const fits = ({ kind }: Judgment) => kind === project.protocol.kind || kind === 'flag'
  const fresh = items.map(({ item }) => item).filter(({ id }) => !others.has(id))
  const { added } = await store.addItems(project.id, fresh)
  let submitted = 0
  for (const judgment of left.filter(fits)) {
    const content = JSON.stringify({ ...judgment, time: '' })
    const key = `import:${createHash('sha256').update(content).digest('hex')}`
    const { duplicate } = await store.submit({ ...judgment, project: project.id }, { key })
    if (!duplicate) submitted++
  }
  const refused = left.filter((judgment) => !fits(judgment))
  return {
    items: added,
    judgments: submitted,
    problems: [
      ...problems,
      ...others.values(),
      ...refused.map(({ item, kind, annotator }) => ({
        row: rows.get(item) ?? 0,
        message: `the answer of '${annotator.id}' is a ${kind}, but the project asks for ${project.protocol.kind}; left out`,
      })),
    ],
  }
}

/** Problems by the ids that the store has with another prompt or without one of the texts. */
async function itemsOfOtherTexts(
  store: FeedbackStore,
  project: Project,
  items: Imported['items'],
): Promise<Map<string, ImportProblem>> {
  const problems = new Map<string, ImportProblem>()
  for (const { row, item } of items) {
    const there = await store.item(project.id, item.id)
    if (!there) continue
    const texts = there.completions.map(({ text }) => text)
    const isSame =
      promptText(there.prompt) === promptText(item.prompt) &&
      (item.completions ?? []).every(({ text }) => texts.includes(text))
    if (!isSame)
      problems.set(item.id, { row, message: `'${item.id}' is there already with other texts; left out` })
  }
  return problems
}
