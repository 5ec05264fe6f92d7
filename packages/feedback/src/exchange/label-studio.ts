import { v5 } from 'uuid'
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

interface Result {
  readonly from_name: string
  readonly to_name: string
  readonly type: string
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * A task of Label Studio's JSON export: data `prompt`, `answer1`, …; pairwise, ranker, rating, choices and textarea results,
 * named by the kind of judgment (`rating-<scale>` for named scales); `comment` (textarea) and `strength` (rating) beside them.
 */
export interface LabelStudioTask {
  readonly data: Readonly<Record<string, string>>
  readonly annotations: readonly {
    readonly completed_by: string | number | { readonly email: string }
    readonly created_at?: string
    readonly lead_time?: number
    /** The annotator skipped the task; what stands in `result` is no answer. */
    readonly was_cancelled?: boolean
    readonly result: readonly Result[]
  }[]
}

/**
 * Judgments as Label Studio tasks, one for each item; holds them in memory. Left out: flags and clip comparisons, and of what is
 * there the ties of a ranking, the order shown, spans and what an answer superseded.
 */
export async function labelStudioTasks(
  judgments: AsyncIterable<Judgment> | Iterable<Judgment>,
): Promise<LabelStudioTask[]> {
  return (await groupedByItem(judgments)).map(({ item, prompt, texts, judgments: group }) => ({
    data: {
      item,
      prompt,
      ...Object.fromEntries(texts.map((text, i) => [`answer${i + 1}`, text])),
    },
    annotations: group.map((judgment) => ({
      completed_by: judgment.annotator.id,
      created_at: judgment.time,
      ...(judgment.durationSeconds === undefined ? {} : { lead_time: judgment.durationSeconds }),
      result: resultsOf(judgment),
    })),
  }))
}

const result = (name: string, type: string, value: Result['value']): Result => ({
  from_name: name,
  to_name: 'answers',
  type,
  value,
})

function resultsOf(judgment: Exchangeable): Result[] {
  const strength = judgment.kind === 'comparison' ? judgment.strength : undefined
  return [
    ...mainResults(judgment),
    ...(judgment.comment === undefined ? [] : [result('comment', 'textarea', { text: [judgment.comment] })]),
    ...(strength === undefined ? [] : [result('strength', 'rating', { rating: strength })]),
  ]
}

function mainResults(judgment: Exchangeable): Result[] {
  const one = (type: string, value: Result['value']) => [result(judgment.kind, type, value)]
  switch (judgment.kind) {
    case 'comparison': {
      const { preferred } = judgment
      if (typeof preferred === 'string') return one('choices', { choices: [preferred] })
      return one('pairwise', { selected: preferred === 0 ? 'left' : 'right' })
    }
    case 'ranking':
      return one('ranker', { ranker: { _: judgment.order.map((index) => `answer${index + 1}`) } })
    case 'rating':
      return judgment.ratings
        ? judgment.ratings.map(({ scale, value }) => result(`rating-${scale}`, 'rating', { rating: value }))
        : one('rating', { rating: judgment.rating })
    case 'binary':
      return one('choices', { choices: [judgment.desirable ? 'desirable' : 'undesirable'] })
    case 'critique':
      return one('textarea', { text: [judgment.text] })
    case 'edit':
      return one('textarea', { text: [judgment.after] })
    case 'demonstration':
      return one('textarea', { text: [judgment.completion] })
    case 'violation':
    case 'rule-check':
      return one('choices', { choices: ruleLabels(judgment) })
  }
}

/** Of ids made from content; any one will do, as long as it stays. */
const namespace = '9b5d2a0c-6a3f-4b0e-8c55-2f1f6a9d7e31'

/** A task that does not name its item is known by its texts: numbers of tasks begin anew in each of Label Studio's databases. */
const idOf = (task: LabelStudioTask) =>
  task.data.item ?? v5(JSON.stringify([task.data.prompt ?? '', textsOf(task)]), namespace)
const textsOf = ({ data }: LabelStudioTask) =>
  Object.keys(data)
    .filter((name) => /^answer\d+$/.test(name))
    .sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)))
    .map((name) => data[name]!)

/** Items of Label Studio tasks. */
export function labelStudioItems(tasks: readonly LabelStudioTask[]): NewItem[] {
  return tasks.map((task) => itemOfTexts(idOf(task), task.data.prompt ?? '', textsOf(task)))
}

/** Judgments of Label Studio tasks; skipped annotations are left out. Throws with the task whose result is not understood. */
export function labelStudioJudgments(tasks: readonly LabelStudioTask[], context: ImportContext): Judgment[] {
  return tasks.flatMap((task) =>
    task.annotations
      .filter(({ was_cancelled: skipped }) => !skipped)
      .flatMap(({ completed_by: by, created_at: time, lead_time: seconds, result: results }) => {
        const comment = results.find(isBeside('comment'))?.value.text
        const strength = results.find(isBeside('strength'))?.value.rating
        const main = results.filter((one) => !isBeside('comment')(one) && !isBeside('strength')(one))
        const scales = main.filter(({ from_name: name, type }) => type === 'rating' && /^rating-./.test(name))
        const answers = [
          ...main.filter((one) => !scales.includes(one)).map((one) => [one, judgmentOf(task, one)] as const),
          ...(scales.length > 0 ? [[scales[0]!, scalesOf(task, scales)] as const] : []),
        ]
        return answers.map(([one, answer]) => {
          const id = typeof by === 'object' ? by.email : String(by)
          const parsed = judgmentSchema.safeParse({
            ...context,
            item: idOf(task),
            annotator: { id, source: 'person' },
            time: time ?? context.time,
            ...(seconds === undefined ? {} : { durationSeconds: seconds }),
            ...(comment === undefined ? {} : { comment: [comment].flat().join('\n') }),
            ...(strength === undefined ? {} : { strength }),
            ...answer,
          })
          if (parsed.success) return parsed.data
          throw new RangeError(
            `task '${idOf(task)}': the ${one.type} result '${one.from_name}' ${JSON.stringify(one.value)} is not understood (${parsed.error.issues[0]!.message})`,
          )
        })
      }),
  )
}

/** What is left out of tasks because its annotator skipped it, by the task's row. */
export function labelStudioSkips(tasks: readonly LabelStudioTask[]): { row: number; message: string }[] {
  return tasks.flatMap(({ annotations }, i) =>
    annotations
      .filter(({ was_cancelled: skipped }) => skipped)
      .map(() => ({ row: i + 1, message: 'an annotation was skipped in Label Studio; left out' })),
  )
}

const isBeside =
  (name: 'comment' | 'strength') =>
  ({ from_name, type }: Result) =>
    from_name === name && type === (name === 'comment' ? 'textarea' : 'rating')

function scalesOf(task: LabelStudioTask, scales: readonly Result[]): object {
  const ratings = scales.map(({ from_name: name, value }) => ({
    scale: name.slice('rating-'.length),
    value: value.rating,
  }))
  return { kind: 'rating', prompt: task.data.prompt ?? '', completion: textsOf(task)[0], ratings }
}

function judgmentOf(task: LabelStudioTask, { from_name: name, type, value }: Result): object {
  const prompt = task.data.prompt ?? ''
  const texts = textsOf(task)
  const [completion] = texts
  const [choice] = (value.choices as string[] | undefined) ?? []
  if (type === 'pairwise') {
    const preferred = { left: 0, right: 1 }[value.selected as string]
    return { kind: 'comparison', prompt, completions: texts, preferred }
  }
  if (type === 'ranker') {
    const [names = []] = Object.values(value.ranker as Record<string, string[]>)
    const order = names.map((one) => Number(one.replace('answer', '')) - 1)
    return { kind: 'ranking', prompt, completions: texts, order }
  }
  if (type === 'rating') return { kind: 'rating', prompt, completion, rating: value.rating }
  if (type === 'textarea') return textOf(name, { prompt, completion, text: [value.text].flat().join('\n') })
  if (name === 'violation') return { kind: name, prompt, completion, ...checksOfLabels(value.choices)[0] }
  if (name === 'rule-check') return { kind: name, prompt, completion, checks: checksOfLabels(value.choices) }
  if (choice === 'desirable' || choice === 'undesirable')
    return { kind: 'binary', prompt, completion, desirable: choice === 'desirable' }
  return { kind: 'comparison', prompt, completions: texts, preferred: choice }
}

function textOf(
  name: string,
  { prompt, completion, text }: { prompt: string; completion: string | undefined; text: string },
): object {
  if (name === 'edit') return { kind: name, prompt, before: completion, after: text }
  if (name === 'demonstration') return { kind: name, prompt, completion: text }
  return { kind: name, prompt, completion, text }
}
