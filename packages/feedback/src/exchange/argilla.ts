import type { NewItem } from '../model/item.ts'
import { type Judgment, judgmentSchema } from '../model/judgment.ts'
import {
  checksOfLabels,
  type Exchangeable,
  groupedByItem,
  type ImportContext,
  itemOfTexts,
  ruleLabels,
} from './grouped.ts'

interface Response {
  readonly value: unknown
  readonly user_id: string
}

/** A record of Argilla 2 as its `to_dict` and JSON exports have it: fields `prompt`, `response-1`, … */
export interface ArgillaRecord {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, unknown>>
  /**
   * By question: `preference` (label), `ranking`, `rating` or `rating-<scale>`, `desirable` (label yes or no), `critique`, `edit`
   * and `demonstration` (text), `violation` and `rule-check` (labels `<rule>:broken`, `<rule>:kept`); beside each
   * `<question>-comment` (text), and `preference-strength` (rating).
   */
  readonly responses: Readonly<Record<string, readonly Response[]>>
}

type Source = AsyncIterable<Judgment> | Iterable<Judgment>

const response = (index: number) => `response-${index + 1}`

/**
 * Judgments as Argilla records, one for each item; holds them in memory. Left out: flags and clip comparisons, and of what is
 * there the time, the duration, the order shown, spans and what an answer superseded.
 */
export async function argillaRecords(judgments: Source): Promise<ArgillaRecord[]> {
  return (await groupedByItem(judgments)).map(({ item, prompt, texts, judgments: group }) => {
    const responses: Record<string, Response[]> = {}
    for (const judgment of group)
      for (const [question, value] of answersOf(judgment))
        responses[question] = [...(responses[question] ?? []), { value, user_id: judgment.annotator.id }]
    const fields = Object.fromEntries([
      ['prompt', prompt],
      ...texts.map((text, i) => [response(i), text]),
    ]) as Record<string, string>
    return { id: item, fields, responses }
  })
}

function answersOf(judgment: Exchangeable): [question: string, value: unknown][] {
  const main = mainAnswers(judgment)
  const question = nameOf(judgment.kind)
  const strength = judgment.kind === 'comparison' ? judgment.strength : undefined
  return [
    ...main,
    ...(judgment.comment === undefined
      ? []
      : [[`${question}-comment`, judgment.comment] as [string, string]]),
    ...(strength === undefined ? [] : [[`${question}-strength`, strength] as [string, number]]),
  ]
}

function nameOf(kind: Exchangeable['kind']): string {
  return { comparison: 'preference', binary: 'desirable' }[kind as string] ?? kind
}

function mainAnswers(judgment: Exchangeable): [question: string, value: unknown][] {
  const one = (value: unknown): [string, unknown][] => [[nameOf(judgment.kind), value]]
  switch (judgment.kind) {
    case 'comparison':
      return one(typeof judgment.preferred === 'number' ? response(judgment.preferred) : judgment.preferred)
    case 'ranking': {
      let rank = 1
      const ranked = judgment.order.map((index, place) => {
        if (place > 0 && !judgment.ties?.includes(place - 1)) rank = place + 1
        return { value: response(index), rank }
      })
      return one(ranked)
    }
    case 'rating':
      return judgment.ratings
        ? judgment.ratings.map(({ scale, value }) => [`rating-${scale}`, value])
        : one(judgment.rating)
    case 'binary':
      return one(judgment.desirable ? 'yes' : 'no')
    case 'critique':
      return one(judgment.text)
    case 'edit':
      return one(judgment.after)
    case 'demonstration':
      return one(judgment.completion)
    case 'violation':
    case 'rule-check':
      return one(ruleLabels(judgment))
  }
}

const textsOf = ({ fields }: ArgillaRecord) =>
  Object.keys(fields)
    .filter((name) => /^response-\d+$/.test(name))
    .sort((a, b) => Number(a.slice(9)) - Number(b.slice(9)))
    .map((name) => fields[name]!)

/** Items of Argilla records. */
export function argillaItems(records: readonly ArgillaRecord[]): NewItem[] {
  return records.map((record) => itemOfTexts(record.id, record.fields.prompt ?? '', textsOf(record)))
}

const questions = [
  'preference',
  'ranking',
  'rating',
  'desirable',
  'critique',
  'edit',
  'demonstration',
  'violation',
  'rule-check',
]
/** Questions that say more about another one's answer; every other name after `rating-` is a scale. */
const beside = new Set([...questions.map((question) => `${question}-comment`), 'preference-strength'])
const isScale = (question: string) => /^rating-./.test(question) && !beside.has(question)

/** Judgments of Argilla records. Throws with the record whose question or answer is not understood. */
export function argillaJudgments(records: readonly ArgillaRecord[], context: ImportContext): Judgment[] {
  return records.flatMap((record) => {
    const { responses } = record
    const scales = Object.keys(responses).filter(isScale)
    const raters = new Set(scales.flatMap((scale) => responses[scale]!.map(({ user_id }) => user_id)))
    const valueBy = (question: string, user: string) =>
      responses[question]?.find(({ user_id }) => user_id === user)?.value
    return Object.entries(responses).flatMap(([question, given]) => {
      const isFirstScale = question === scales[0]
      if (beside.has(question) || (isScale(question) && !isFirstScale)) return []
      const name = isFirstScale ? 'rating' : question
      const answers = isFirstScale ? [...raters].map((user_id) => ({ user_id, value: scales })) : given
      return answers.map(({ value, user_id: id }) => {
        const comment = valueBy(`${name}-comment`, id)
        const strength = question === 'preference' ? valueBy('preference-strength', id) : undefined
        const common = {
          ...context,
          item: record.id,
          annotator: { id, source: 'person' },
          ...(comment === undefined ? {} : { comment }),
        }
        const answer = isFirstScale
          ? scalesOf(record, scales, (scale) => valueBy(scale, id))
          : judgmentOf(record, question, value)
        const extra = strength === undefined ? {} : { strength }
        const result = judgmentSchema.safeParse({ ...common, ...answer, ...extra })
        if (result.success) return result.data
        throw new RangeError(
          questions.includes(name)
            ? `record '${record.id}', question '${question}': ${JSON.stringify(value)} is not understood (${result.error.issues[0]!.message})`
            : `record '${record.id}': the question '${question}' is not known; expected ${questions.join(', ')} or rating-<scale>`,
        )
      })
    })
  })
}

function scalesOf(record: ArgillaRecord, scales: readonly string[], valueIn: (scale: string) => unknown) {
  const ratings = scales.flatMap((question) => {
    const value = valueIn(question)
    return value === undefined ? [] : [{ scale: question.slice('rating-'.length), value }]
  })
  return { kind: 'rating', prompt: record.fields.prompt ?? '', completion: textsOf(record)[0], ratings }
}

function judgmentOf(record: ArgillaRecord, question: string, value: unknown): object {
  const prompt = record.fields.prompt ?? ''
  const texts = textsOf(record)
  const [completion] = texts
  const index = (name: string) => Number(name.slice('response-'.length)) - 1
  switch (question) {
    case 'preference': {
      const preferred = String(value).startsWith('response-') ? index(String(value)) : value
      return { kind: 'comparison', prompt, completions: texts, preferred }
    }
    case 'ranking': {
      const ranked = [...(value as { value: string; rank: number }[])].sort((a, b) => a.rank - b.rank)
      const ties = ranked.flatMap(({ rank }, place) => (ranked[place + 1]?.rank === rank ? [place] : []))
      const order = ranked.map((one) => index(one.value))
      return { kind: 'ranking', prompt, completions: texts, order, ...(ties.length > 0 ? { ties } : {}) }
    }
    case 'rating':
      return { kind: 'rating', prompt, completion, rating: value }
    case 'desirable':
      return { kind: 'binary', prompt, completion, desirable: { yes: true, no: false }[String(value)] }
    case 'critique':
      return { kind: 'critique', prompt, completion, text: value }
    case 'edit':
      return { kind: 'edit', prompt, before: completion, after: value }
    case 'demonstration':
      return { kind: 'demonstration', prompt, completion: value }
    case 'violation':
      return { kind: 'violation', prompt, completion, ...checksOfLabels(value)[0] }
    case 'rule-check':
      return { kind: 'rule-check', prompt, completion, checks: checksOfLabels(value) }
    default:
      return { kind: question }
  }
}
