import type { AiAnnotator, Item, Project } from '@attune/feedback'
import type { FeedbackStore } from '@attune/feedback/store'
import type { Prescreen } from './settings.ts'

/** A pair, and how probable it is by a model that its first answer is better. */
export interface JudgedPair {
  readonly item: Item
  readonly probability: number
}

/**
 * Judges the pairs that a model is certain of and nobody has begun on by now: people are not asked about them any more, except about a share, of which as
 * many people are asked as of any other. Returns how many were judged; each item is once in its life.
 */
export async function prescreenPairs(
  store: FeedbackStore,
  pairs: readonly JudgedPair[],
  { project, prescreen, model }: { project: Project; prescreen: Prescreen; model: string },
): Promise<number> {
  const annotator: AiAnnotator = { id: `ai:${model}`, source: 'ai', model }
  const untouched = await untouchedOf(store, project.id, pairs)
  let judged = 0
  for (const { item, probability } of pairs) {
    if (!untouched.has(item.id)) continue
    if (Math.max(probability, 1 - probability) < prescreen.certainty) continue
    const wanted = item.overlap ?? project.protocol.overlap
    const isChecked = shareOf(`${project.id} ${item.id}`) < prescreen.checkShare
    // an interruption between the two calls asks people once too often, never too rarely
    if (isChecked) await store.wantAnswers(project.id, new Map([[item.id, wanted + 1]]))
    const { duplicate } = await store.submit(
      {
        kind: 'comparison',
        project: project.id,
        item: item.id,
        annotator,
        time: new Date().toISOString(),
        protocol: project.protocol.version,
        prompt: item.prompt,
        completions: [item.completions[0]!.text, item.completions[1]!.text],
        preferred: probability > 0.5 ? 0 : 1,
        metadata: { probability, prescreened: true, checked: isChecked },
      },
      { key: `prescreen:${item.id}` },
    )
    if (!isChecked) await store.wantAnswers(project.id, new Map([[item.id, 1]]))
    if (!duplicate) judged++
  }
  return judged
}

/** Ids of the pairs without an answer or a lease. */
async function untouchedOf(
  store: FeedbackStore,
  project: string,
  pairs: readonly JudgedPair[],
): Promise<Set<string>> {
  if (pairs.length === 0) return new Set()
  const ids = pairs.map(({ item }) => item.id)
  const { items } = await store.items(project, { ids, limit: ids.length })
  return new Set(items.flatMap(({ item, filled, held }) => (filled + held === 0 ? item.id : [])))
}

/** A number in [0, 1) that is an item's own (FNV-1a). */
function shareOf(text: string): number {
  let hash = 0x811c9dc5
  for (const unit of text) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
