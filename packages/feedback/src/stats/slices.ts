import type { Judgment } from '../model/judgment.ts'
import type { Answer } from './agreement.ts'
import { mean, quantiles } from './summary.ts'

/** The answer of a judgment as one value for agreement, or undefined where it has none (text, flags). */
export function answerValue(judgment: Judgment): string | number | undefined {
  switch (judgment.kind) {
    case 'comparison':
    case 'clip-comparison':
      return String(judgment.preferred)
    case 'binary':
      return String(judgment.desirable)
    case 'violation':
      return String(judgment.violated)
    case 'rule-check':
      return judgment.checks
        .filter(({ violated }) => violated)
        .map(({ rule }) => rule)
        .sort()
        .join()
    case 'rating':
      return (
        judgment.rating ?? (judgment.ratings ? mean(judgment.ratings.map(({ value }) => value)) : undefined)
      )
    case 'ranking':
      return String(judgment.order[0])
    default:
      return undefined
  }
}

/** Judgments as answers for the measures of agreement. */
export function answersOf(judgments: Iterable<Judgment>): Answer[] {
  return [...judgments].flatMap((judgment) => {
    const value = answerValue(judgment)
    return value === undefined ? [] : [{ item: judgment.item, annotator: judgment.annotator.id, value }]
  })
}

/** How often a model's order is the annotators', by group; annotators without one are in the group ''. */
export function agreementByGroup(
  judgments: Iterable<Judgment>,
  /** Score of a completion, by item and index. */
  score: (item: string, completion: number) => number,
): Map<string, { readonly agreed: number; readonly compared: number }> {
  const groups = new Map<string, { agreed: number; compared: number }>()
  for (const judgment of judgments) {
    if (judgment.kind !== 'comparison' || typeof judgment.preferred === 'string') continue
    const gap = score(judgment.item, judgment.preferred) - score(judgment.item, 1 - judgment.preferred)
    const group = judgment.annotator.group ?? ''
    const { agreed, compared } = groups.get(group) ?? { agreed: 0, compared: 0 }
    groups.set(group, {
      agreed: agreed + (gap > 0 ? 1 : gap === 0 ? 0.5 : 0),
      compared: compared + 1,
    })
  }
  return groups
}

/** Time and money of judgments; those without a duration are left out. */
export interface Effort {
  readonly timed: number
  readonly totalSeconds: number
  readonly medianSeconds: number
  /** In the currency of `hourlyWage`. */
  readonly costPerJudgment: number
}

/** What judgments take. Throws when none has a duration. */
export function effortOf(
  judgments: Iterable<Judgment>,
  { hourlyWage = 0 }: { hourlyWage?: number } = {},
): Effort {
  const seconds = [...judgments].flatMap(({ durationSeconds }) => durationSeconds ?? [])
  if (seconds.length === 0) throw new RangeError('no judgment has a durationSeconds')
  return {
    timed: seconds.length,
    totalSeconds: seconds.reduce((a, b) => a + b, 0),
    medianSeconds: quantiles(seconds, [0.5])[0]!,
    costPerJudgment: (mean(seconds) / 3600) * hourlyWage,
  }
}
