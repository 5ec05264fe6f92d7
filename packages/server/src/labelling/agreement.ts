import {
  type Answer,
  cohenKappa,
  fleissKappa,
  type Item,
  type Judgment,
  judgmentSchema,
  krippendorffAlpha,
  rawAgreement,
  type StoredJudgment,
} from '@attune/feedback'

/** How far annotators agree, as the API says it; see `readAgreement`. */
export interface AgreementReport {
  readonly raw: number | null
  readonly kappa: {
    readonly name: 'cohen' | 'fleiss'
    readonly value: number
    readonly items: number
  } | null
  readonly alpha: number | null
  readonly matrix: {
    readonly annotators: readonly string[]
    readonly agreement: readonly (readonly (number | null)[])[]
    readonly items: readonly (readonly number[])[]
  }
  readonly annotators: readonly AnnotatorReport[]
  readonly disagreements: readonly Disagreement[]
}

interface AnnotatorReport {
  readonly id: string
  readonly name?: string | undefined
  readonly judgments: number
  readonly agreement: number | null
  readonly goldAccuracy: number | null
  readonly medianSeconds: number | null
}

interface Disagreement {
  readonly item: Item
  readonly answers: readonly {
    readonly annotator: string
    readonly judgment: string
    readonly answer: string
  }[]
  readonly entropy: number
}

const mostDisagreements = 200

/** Whether a judgment is a reviewer's decision of a contested item: it was made in sight of the answers, so it says nothing of agreement. */
export function isDecision({ metadata }: Judgment): boolean {
  return metadata?.decision === true
}

/**
 * Agreement of the answers to a project's items; each annotator's last answer to an item counts. A model that judged is in the
 * matrix, and not in what is said of people. Decisions are left out, and the items that have one are no disagreements any more.
 */
export function agreementOf(
  judgments: readonly Judgment[],
  { items, names }: { items: ReadonlyMap<string, Item>; names: ReadonlyMap<string, string> },
): AgreementReport {
  const known = judgments.filter((judgment) => answerText(judgment) !== undefined && !isDecision(judgment))
  const decided = new Set(judgments.filter(isDecision).map(({ item }) => item))
  const byPlace = new Map(known.map((judgment) => [`${judgment.item} ${judgment.annotator.id}`, judgment]))
  const last = [...byPlace.values()]
  const answers: Answer[] = last.map((judgment) => ({
    item: judgment.item,
    annotator: judgment.annotator.id,
    value: answerText(judgment)!,
  }))
  const people = [...new Set(answers.map(({ annotator }) => annotator))].sort()
  const models = new Set(last.flatMap(({ annotator: { id, source } }) => (source === 'ai' ? [id] : [])))
  const ofPeople = answers.filter(({ annotator }) => !models.has(annotator))
  const pairOf = (a: string, b: string) => sharedPairs(answers, a, b)
  return {
    raw: number(rawAgreement(ofPeople)),
    kappa: kappaOf(ofPeople, items),
    alpha: number(krippendorffAlpha(ofPeople)),
    matrix: {
      annotators: people,
      agreement: people.map((a) => people.map((b) => shareEqual(pairOf(a, b)))),
      items: people.map((a) => people.map((b) => pairOf(a, b).length)),
    },
    annotators: people.map((id) => ({
      id,
      name: names.get(id),
      judgments: answers.filter(({ annotator }) => annotator === id).length,
      agreement: shareEqual(
        people.filter((other) => other !== id && !models.has(other)).flatMap((other) => pairOf(id, other)),
      ),
      goldAccuracy: goldAccuracyOf(
        last.filter(({ annotator }) => annotator.id === id),
        items,
      ),
      medianSeconds: median(
        last.flatMap((one) => (one.annotator.id === id ? (one.durationSeconds ?? []) : [])),
      ),
    })),
    disagreements: disagreementsOf(
      last.filter(({ annotator, item }) => !models.has(annotator.id) && !decided.has(item)),
      items,
    ),
  }
}

/** An answer as a category; undefined where answers cannot be equal (texts). */
export function answerText(judgment: Judgment): string | undefined {
  switch (judgment.kind) {
    case 'comparison':
    case 'clip-comparison':
      return String(judgment.preferred)
    case 'ranking':
      return rankingText(judgment.order, judgment.ties)
    case 'binary':
      return judgment.desirable ? 'good' : 'bad'
    case 'rating':
      return (
        judgment.ratings?.map(({ scale, value }) => `${scale} ${value}`).join(', ') ?? String(judgment.rating)
      )
    case 'violation':
      return `${judgment.rule}: ${judgment.violated ? 'broken' : 'kept'}`
    case 'rule-check':
      return judgment.checks
        .map(({ rule, violated }) => `${rule}: ${violated ? 'broken' : 'kept'}`)
        .join(', ')
    default:
      return undefined
  }
}

/** `0 > 1 = 2`: places that tie (`ties`) are one group, whose answers stand in the item's order whichever way they were shown. */
function rankingText(order: readonly number[], ties: readonly number[] = []): string {
  const groups: number[][] = []
  for (const [place, index] of order.entries()) {
    if (ties.includes(place - 1)) groups.at(-1)!.push(index)
    else groups.push([index])
  }
  return groups.map((group) => group.sort((a, b) => a - b).join(' = ')).join(' > ')
}

/**
 * Cohen's κ of two people over what both answered. Fleiss' κ of more needs as many answers of each item: it is over the items,
 * gold apart (it is asked of everyone), with the most common number of answers.
 */
function kappaOf(answers: readonly Answer[], items: ReadonlyMap<string, Item>): AgreementReport['kappa'] {
  const people = [...new Set(answers.map(({ annotator }) => annotator))].sort()
  if (people.length < 2) return null
  if (people.length === 2) {
    const [first, second] = people.map((id) => answers.filter(({ annotator }) => annotator === id))
    const value = number(cohenKappa(first!, second!))
    return value === null
      ? null
      : { name: 'cohen', value, items: sharedPairs(answers, people[0]!, people[1]!).length }
  }
  const byItem = new Map<string, Answer[]>()
  for (const answer of answers)
    if (!items.get(answer.item)?.gold) byItem.set(answer.item, [...(byItem.get(answer.item) ?? []), answer])
  const byCount = new Map<number, Answer[][]>()
  for (const group of byItem.values())
    if (group.length > 1) byCount.set(group.length, [...(byCount.get(group.length) ?? []), group])
  const [alike = []] = [...byCount.values()].sort((a, b) => b.length - a.length)
  const value = alike.length === 0 ? null : number(fleissKappa(alike.flat()))
  return value === null ? null : { name: 'fleiss', value, items: alike.length }
}

function sharedPairs(answers: readonly Answer[], a: string, b: string): [unknown, unknown][] {
  const theirs = new Map(
    answers.filter(({ annotator }) => annotator === b).map(({ item, value }) => [item, value]),
  )
  return answers
    .filter(({ annotator, item }) => annotator === a && theirs.has(item))
    .map(({ item, value }) => [value, theirs.get(item)])
}

function shareEqual(pairs: readonly [unknown, unknown][]): number | null {
  return pairs.length === 0 ? null : pairs.filter(([a, b]) => a === b).length / pairs.length
}

/** Share of the gold questions that were answered as is known; how strongly, and where in the text, is not asked. */
function goldAccuracyOf(judgments: readonly Judgment[], items: ReadonlyMap<string, Item>): number | null {
  const marked = judgments.flatMap((judgment) => {
    const gold = items.get(judgment.item)?.gold
    if (!gold) return []
    // a known ranking without ties must not borrow the answer's
    const { project: _, ties: _ties, ...given } = judgment as StoredJudgment & { ties?: unknown }
    const { data: right } = judgmentSchema.safeParse({ ...given, ...gold })
    return right ? [answerText(right) === answerText(judgment)] : []
  })
  return marked.length === 0 ? null : marked.filter(Boolean).length / marked.length
}

function disagreementsOf(judgments: readonly Judgment[], items: ReadonlyMap<string, Item>): Disagreement[] {
  const groups = grouped(judgments)
  return [...groups]
    .flatMap(([id, group]) => {
      const item = items.get(id)
      const answers = group.map((one) => ({
        annotator: one.annotator.id,
        judgment: one.id ?? '',
        answer: answerText(one)!,
      }))
      const entropy = entropyOf(answers.map(({ answer }) => answer))
      return item && entropy > 0 ? [{ item, answers, entropy }] : []
    })
    .sort((a, b) => b.entropy - a.entropy)
    .slice(0, mostDisagreements)
}

function grouped(judgments: readonly Judgment[]): Map<string, Judgment[]> {
  const groups = new Map<string, Judgment[]>()
  for (const judgment of judgments) {
    const group = groups.get(judgment.item)
    if (group) group.push(judgment)
    else groups.set(judgment.item, [judgment])
  }
  return groups
}

function entropyOf(values: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / values.length) * Math.log2(n / values.length), 0)
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function number(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
