import { join } from 'node:path'
import type { ClipJudgment } from '@attune/control'
import { writeRows } from '../run/jsonl.ts'
import { type ClipFolder, clipJudgments, type Label } from './label/clip-folder.ts'
import type { PreferenceRecipe } from './preference-recipe.ts'
import type { PreferenceStand } from './preference-state.ts'

/** Labels that a run goes on with: those taken in at its checkpoint, and how many lines of the labels' file they take. */
export interface EarlierLabels {
  readonly learnt: readonly ClipJudgment[]
  readonly taken: number
}

/**
 * What to go on with. Answers of people that came after the checkpoint are still in the file and are taken as new ones; those of
 * a simulation are taken back, since it answers the same again.
 */
export async function earlierLabels(
  { annotator }: PreferenceRecipe,
  clips: ClipFolder,
  stand: PreferenceStand | undefined,
): Promise<EarlierLabels> {
  const labels = await clips.labels()
  const taken = stand ? linesOf(labels, stand.judgments) : annotator.kind === 'person' ? labels.length : 0
  if (annotator.kind === 'person') return { learnt: clipJudgments(labels.slice(0, taken)), taken }
  const people = labels.slice(taken).filter((label) => label.annotator.source !== 'simulated')
  const kept = [...labels.slice(0, taken), ...people]
  if (kept.length < labels.length) await writeRows(join(clips.path, 'labels.jsonl'), kept)
  return { learnt: clipJudgments(kept), taken: kept.length }
}

/** How many lines the first `count` judgments take; skips lie between them. */
function linesOf(labels: readonly Label[], count: number): number {
  let judgments = 0
  for (const [line, { kind }] of labels.entries()) {
    if (judgments === count) return line
    if (kind !== 'flag') judgments++
  }
  return labels.length
}
