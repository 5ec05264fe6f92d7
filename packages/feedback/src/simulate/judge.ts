import type { SimulatedAnnotator } from '../model/annotator.ts'
import type { Comparison } from '../model/comparison.ts'
import type { Ranking } from '../model/ranking.ts'
import { simulateComparison, simulateRanking } from './annotator.ts'

/** A question for simulated annotators: completions of one prompt with their hidden gold scores. */
export interface GoldQuestion {
  readonly item: string
  readonly prompt: string
  readonly completions: readonly string[]
  readonly gold: readonly number[]
}

/** What is the same for all answers of one labelling; `time` is given, so that labels are reproducible. */
export interface LabellingContext {
  readonly seed: number
  readonly time: string
  readonly protocol: string
}

/** The record of a simulated comparison. Throws when the question does not have exactly two completions. */
export function judgeComparison(
  annotator: SimulatedAnnotator,
  { item, prompt, completions, gold }: GoldQuestion,
  { seed, time, protocol }: LabellingContext,
): Comparison {
  const [first, second, ...rest] = completions
  if (first === undefined || second === undefined || rest.length > 0 || gold.length !== 2)
    throw new RangeError(
      `item '${item}': a comparison needs 2 completions and 2 gold scores, found ${completions.length} and ${gold.length}`,
    )
  const preferred = simulateComparison(annotator, [gold[0]!, gold[1]!], { seed, item })
  return {
    kind: 'comparison',
    item,
    annotator,
    time,
    protocol,
    prompt,
    completions: [first, second],
    preferred,
  }
}

/** The record of a simulated ranking. Throws when there are fewer than two completions, or not one gold score for each. */
export function judgeRanking(
  annotator: SimulatedAnnotator,
  { item, prompt, completions, gold }: GoldQuestion,
  { seed, time, protocol }: LabellingContext,
): Ranking {
  if (completions.length < 2 || gold.length !== completions.length)
    throw new RangeError(
      `item '${item}': a ranking needs at least 2 completions with a gold score each, found ${completions.length} and ${gold.length}`,
    )
  const order = simulateRanking(annotator, gold, { seed, item })
  return { kind: 'ranking', item, annotator, time, protocol, prompt, completions, order }
}
