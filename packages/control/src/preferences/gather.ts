import { type ClipComparison, newId, type SimulatedAnnotator, simulateComparison } from '@attune/feedback'
import { type Clip, type ClipPair, trueReturn } from './clip.ts'
import type { ClipJudgment } from './labels.ts'

/** Who answers: pairs go in, answers come out when they are there. */
export interface PreferenceGatherer {
  readonly ask: (pairs: readonly ClipPair[]) => void | Promise<void>
  /** Answers since the last call; waits until at least `atLeast` (0) have come, or nothing is waited for. */
  readonly answers: (atLeast?: number) => Promise<readonly ClipJudgment[]>
  /** Pairs that were asked and are not answered yet. */
  readonly waiting: () => number
}

/** The item that a comparison of two clips is about. */
export function itemOf([first, second]: ClipPair): string {
  return `${first.id} ${second.id}`
}

/**
 * Answers at once from a hidden score, the sum of true rewards when no other is given, with the annotator's noise. Scores that
 * are equal are a tie when its temperature is 0.
 */
export function simulatedGatherer(
  annotator: SimulatedAnnotator,
  {
    seed,
    score = trueReturn,
    protocol = 'clips',
  }: { seed: number; score?: (clip: Clip) => number; protocol?: string },
): PreferenceGatherer {
  const ready: ClipComparison[] = []
  const answer = (pair: ClipPair): ClipComparison => {
    const gold: readonly [number, number] = [score(pair[0]), score(pair[1])]
    if (!gold.every(Number.isFinite))
      throw new RangeError(`the simulated annotator scores ${itemOf(pair)} as ${gold.join(' and ')}`)
    const item = itemOf(pair)
    const tie = annotator.temperature === 0 && gold[0] === gold[1]
    return {
      kind: 'clip-comparison',
      id: newId(),
      item,
      annotator,
      time: new Date().toISOString(),
      protocol,
      clips: [pair[0].id, pair[1].id],
      preferred: tie ? 'tie' : simulateComparison(annotator, gold, { seed, item }),
    }
  }
  return {
    ask: (pairs) => {
      ready.push(...pairs.map(answer))
    },
    answers: async () => ready.splice(0),
    waiting: () => 0,
  }
}
