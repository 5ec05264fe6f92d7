import type { ClipComparison, Retraction } from '@attune/feedback'
import type { Clip } from './clip.ts'

/** What people say about clips: a comparison, or that an earlier one is taken back. */
export type ClipJudgment = ClipComparison | Retraction

/** A pair with its answers: `target` is how often the first was preferred (ties ½), over `answers` answers. */
export interface LabelledPair {
  readonly first: Clip
  readonly second: Clip
  readonly target: number
  readonly answers: number
}

/** Judgments turned into pairs, with what could not be. */
export interface ReadLabels {
  readonly pairs: readonly LabelledPair[]
  /** Judgments about clips that are not there; they are kept, and nothing is learnt from them. */
  readonly gone: readonly ClipComparison[]
  /** Pairs that were answered both ways. */
  readonly contradictory: number
}

/**
 * Pairs of clips from judgments. A later judgment that `supersedes` an earlier one replaces it, a retraction takes it back; answers to the same two clips, in
 * either order, become one pair with their mean.
 */
export function readLabels(
  judgments: readonly ClipJudgment[],
  clip: (id: string) => Clip | undefined,
): ReadLabels {
  const replaced = new Set(judgments.flatMap(({ supersedes }) => supersedes ?? []))
  const tallies = new Map<string, { first: Clip; second: Clip; answers: number[] }>()
  const gone: ClipComparison[] = []
  for (const judgment of judgments) {
    if (judgment.kind === 'retraction') continue
    if (judgment.id !== undefined && replaced.has(judgment.id)) continue
    const [first, second] = judgment.clips.map(clip)
    if (!first || !second) {
      gone.push(judgment)
      continue
    }
    const answer = shareOfFirst(judgment)
    const swapped = first.id > second.id
    const key = swapped ? `${second.id} ${first.id}` : `${first.id} ${second.id}`
    const tally = tallies.get(key) ?? {
      first: swapped ? second : first,
      second: swapped ? first : second,
      answers: [],
    }
    tally.answers.push(swapped ? 1 - answer : answer)
    tallies.set(key, tally)
  }
  const pairs = [...tallies.values()].map(({ answers, ...pair }) => ({
    ...pair,
    target: answers.reduce((a, b) => a + b, 0) / answers.length,
    answers: answers.length,
  }))
  const bothWays = ({ answers }: { answers: readonly number[] }) => answers.includes(0) && answers.includes(1)
  return { pairs, gone, contradictory: [...tallies.values()].filter(bothWays).length }
}

/** What to tell about labels whose clips are gone; the first three are named. */
export function goneMessage(gone: readonly ClipComparison[], place: string): string {
  const named = gone.slice(0, 3).map(({ clips }) => clips.join(' and '))
  const more = gone.length > 3 ? ` and ${gone.length - 3} more` : ''
  return `${place}: ${gone.length} labels are about clips that are not there (${named.join('; ')}${more}); the labels stay, but nothing is learnt from them: bring the clips back, or start a new folder`
}

function shareOfFirst({ preferred }: ClipComparison): number {
  return preferred === 0 ? 1 : preferred === 1 ? 0 : 0.5
}
