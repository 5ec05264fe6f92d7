import type { NewItem } from '../model/item.ts'
import { type Judgment, judgmentSchema } from '../model/judgment.ts'
import { type Exchangeable, groupedByItem, type ImportContext, itemOfTexts } from './grouped.ts'

interface Response {
  readonly value: unknown
  readonly user_id: string
}

/** A record of Argilla 2 as its `to_dict` and JSON exports have it: fields `prompt`, `response-1`, … */
export interface ArgillaRecord {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, unknown>>
  /** By question: `preference` (label), `ranking`, `rating`, `desirable` (label yes or no). */
  readonly responses: Readonly<Record<string, readonly Response[]>>
}

type Source = AsyncIterable<Judgment> | Iterable<Judgment>

const response = (index: number) => `response-${index + 1}`

/** Judgments as Argilla records, one for each item; holds them in memory. */
export async function argillaRecords(judgments: Source): Promise<ArgillaRecord[]> {
  return (await groupedByItem(judgments)).map(({ item, prompt, texts, judgments: group }) => {
    const responses: Record<string, Response[]> = {}
    for (const judgment of group) {
      const [question, value] = answerOf(judgment)
      responses[question] = [...(responses[question] ?? []), { value, user_id: judgment.annotator.id }]
    }
    const fields = Object.fromEntries([
      ['prompt', prompt],
      ...texts.map((text, i) => [response(i), text]),
    ]) as Record<string, string>
    return { id: item, fields, responses }
  })
}

function answerOf(judgment: Exchangeable): [question: string, value: unknown] {
  switch (judgment.kind) {
    case 'comparison': {
      const { preferred } = judgment
      return ['preference', typeof preferred === 'number' ? response(preferred) : preferred]
    }
    case 'ranking': {
      let rank = 1
      const ranked = judgment.order.map((index, place) => {
        if (place > 0 && !judgment.ties?.includes(place - 1)) rank = place + 1
        return { value: response(index), rank }
      })
      return ['ranking', ranked]
    }
    case 'rating':
      return ['rating', judgment.rating ?? judgment.ratings![0]!.value]
    case 'binary':
      return ['desirable', judgment.desirable ? 'yes' : 'no']
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

/** Judgments of Argilla records. Throws with the record whose answer is not understood. */
export function argillaJudgments(records: readonly ArgillaRecord[], context: ImportContext): Judgment[] {
  return records.flatMap((record) =>
    Object.entries(record.responses).flatMap(([question, responses]) =>
      responses.map(({ value, user_id: id }) => {
        const common = { ...context, item: record.id, annotator: { id, source: 'person' } }
        const result = judgmentSchema.safeParse({ ...common, ...judgmentOf(record, question, value) })
        if (result.success) return result.data
        throw new RangeError(
          `record '${record.id}', question '${question}': ${JSON.stringify(value)} is not understood (${result.error.issues[0]!.message})`,
        )
      }),
    ),
  )
}

function judgmentOf(record: ArgillaRecord, question: string, value: unknown): object {
  const prompt = record.fields.prompt ?? ''
  const texts = textsOf(record)
  const index = (name: string) => Number(name.slice('response-'.length)) - 1
  if (question === 'preference') {
    const preferred = String(value).startsWith('response-') ? index(String(value)) : value
    return { kind: 'comparison', prompt, completions: texts, preferred }
  }
  if (question === 'ranking') {
    const ranked = [...(value as { value: string; rank: number }[])].sort((a, b) => a.rank - b.rank)
    const ties = ranked.flatMap(({ rank }, place) => (ranked[place + 1]?.rank === rank ? [place] : []))
    const order = ranked.map((one) => index(one.value))
    return { kind: 'ranking', prompt, completions: texts, order, ...(ties.length > 0 ? { ties } : {}) }
  }
  if (question === 'rating') return { kind: 'rating', prompt, completion: texts[0], rating: value }
  return { kind: 'binary', prompt, completion: texts[0], desirable: value === 'yes' }
}
