import type { NewItem } from '../model/item.ts'
import { type Judgment, judgmentSchema } from '../model/judgment.ts'
import { type Exchangeable, groupedByItem, type ImportContext, itemOfTexts } from './grouped.ts'

interface Result {
  readonly from_name: string
  readonly to_name: string
  readonly type: string
  readonly value: Readonly<Record<string, unknown>>
}

/** A task of Label Studio's JSON export: data `prompt`, `answer1`, …; pairwise, ranker, rating and choices results. */
export interface LabelStudioTask {
  readonly data: Readonly<Record<string, string>>
  readonly annotations: readonly {
    readonly completed_by: string | number | { readonly email: string }
    readonly created_at?: string
    readonly lead_time?: number
    readonly result: readonly Result[]
  }[]
}

/** Judgments as Label Studio tasks, one for each item; holds them in memory. */
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
      result: [resultOf(judgment)],
    })),
  }))
}

function resultOf(judgment: Exchangeable): Result {
  const result = (type: string, value: Result['value']): Result => ({
    from_name: judgment.kind,
    to_name: 'answers',
    type,
    value,
  })
  switch (judgment.kind) {
    case 'comparison': {
      const { preferred } = judgment
      if (typeof preferred === 'string') return result('choices', { choices: [preferred] })
      return result('pairwise', { selected: preferred === 0 ? 'left' : 'right' })
    }
    case 'ranking':
      return result('ranker', { ranker: { _: judgment.order.map((index) => `answer${index + 1}`) } })
    case 'rating':
      return result('rating', { rating: judgment.rating ?? judgment.ratings![0]!.value })
    case 'binary':
      return result('choices', { choices: [judgment.desirable ? 'desirable' : 'undesirable'] })
  }
}

const idOf = (task: LabelStudioTask, place: number) => task.data.item ?? `task-${place + 1}`
const textsOf = ({ data }: LabelStudioTask) =>
  Object.keys(data)
    .filter((name) => /^answer\d+$/.test(name))
    .sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)))
    .map((name) => data[name]!)

/** Items of Label Studio tasks. */
export function labelStudioItems(tasks: readonly LabelStudioTask[]): NewItem[] {
  return tasks.map((task, i) => itemOfTexts(idOf(task, i), task.data.prompt ?? '', textsOf(task)))
}

/** Judgments of Label Studio tasks. Throws with the task whose result is not understood. */
export function labelStudioJudgments(tasks: readonly LabelStudioTask[], context: ImportContext): Judgment[] {
  return tasks.flatMap((task, place) =>
    task.annotations.flatMap(({ completed_by: by, created_at: time, lead_time: seconds, result }) =>
      result.map((one) => {
        const id = typeof by === 'object' ? by.email : String(by)
        const parsed = judgmentSchema.safeParse({
          ...context,
          item: idOf(task, place),
          annotator: { id, source: 'person' },
          time: time ?? context.time,
          ...(seconds === undefined ? {} : { durationSeconds: seconds }),
          ...judgmentOf(task, one),
        })
        if (parsed.success) return parsed.data
        throw new RangeError(
          `task '${idOf(task, place)}': the ${one.type} result ${JSON.stringify(one.value)} is not understood (${parsed.error.issues[0]!.message})`,
        )
      }),
    ),
  )
}

function judgmentOf(task: LabelStudioTask, { type, value }: Result): object {
  const prompt = task.data.prompt ?? ''
  const texts = textsOf(task)
  const [choice] = (value.choices as string[] | undefined) ?? []
  if (type === 'pairwise') {
    const preferred = { left: 0, right: 1 }[value.selected as string]
    return { kind: 'comparison', prompt, completions: texts, preferred }
  }
  if (type === 'ranker') {
    const [names = []] = Object.values(value.ranker as Record<string, string[]>)
    return {
      kind: 'ranking',
      prompt,
      completions: texts,
      order: names.map((name) => Number(name.replace('answer', '')) - 1),
    }
  }
  if (type === 'rating') return { kind: 'rating', prompt, completion: texts[0], rating: value.rating }
  if (choice === 'desirable' || choice === 'undesirable')
    return { kind: 'binary', prompt, completion: texts[0], desirable: choice === 'desirable' }
  return { kind: 'comparison', prompt, completions: texts, preferred: choice }
}
