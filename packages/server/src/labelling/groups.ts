import { type Answer, agreementByGroup, type Judgment, rawAgreement } from '@attune/feedback'
import { answerText, isDecision } from './agreement.ts'

/** A group of people, as the API says it; see `readGroups`. */
export interface GroupReport {
  /** Null: those without one. */
  readonly group: string | null
  readonly people: number
  readonly judgments: number
  /** Share of pairs of answers to one item, both from the group, that are the same. */
  readonly agreement: number | null
  /** Share of the group's comparisons that a reward model orders alike; null where none was scored. */
  readonly followed: number | null
}

/** Scores of the completions of an item. */
export type ItemScores = ReadonlyMap<string, readonly number[]>

/** People's last answers to each item, by group; those of models and reviewers' decisions are left out. */
export function groupsOf(judgments: readonly Judgment[], scores: ItemScores): GroupReport[] {
  const people = judgments.filter(
    (judgment) => judgment.annotator.source === 'person' && !isDecision(judgment),
  )
  const last = [
    ...new Map(people.map((judgment) => [`${judgment.item} ${judgment.annotator.id}`, judgment])).values(),
  ]
  const scored = last.filter(({ item }) => scores.has(item))
  const followed = agreementByGroup(scored, (item, completion) => scores.get(item)![completion]!)
  const names = [...new Set(last.map(({ annotator }) => annotator.group ?? null))]
  return names.map((group) => {
    const own = last.filter(({ annotator }) => (annotator.group ?? null) === group)
    const answers = own.flatMap((judgment): Answer[] => {
      const value = answerText(judgment)
      return value === undefined ? [] : [{ item: judgment.item, annotator: judgment.annotator.id, value }]
    })
    const { agreed, compared } = followed.get(group ?? '') ?? { agreed: 0, compared: 0 }
    const agreement = rawAgreement(answers)
    return {
      group,
      people: new Set(own.map(({ annotator }) => annotator.id)).size,
      judgments: own.length,
      agreement: Number.isNaN(agreement) ? null : agreement,
      followed: compared === 0 ? null : agreed / compared,
    }
  })
}
