import type { Judgment } from '../model/judgment.ts'
import { promptText } from '../model/text.ts'
import { answerValue } from '../stats/slices.ts'

/** A judgment as a row of a table; `judgment` holds all of it as JSON. */
export interface FlatJudgment {
  readonly id: string
  readonly project: string
  readonly item: string
  readonly annotator: string
  readonly source: string
  readonly time: string
  readonly kind: string
  readonly prompt: string
  readonly first: string
  readonly second: string
  readonly answer: string
  readonly seconds: number | null
  readonly judgment: string
}

/** Columns of the table in their order. */
export const flatColumns = [
  'id',
  'project',
  'item',
  'annotator',
  'source',
  'time',
  'kind',
  'prompt',
  'first',
  'second',
  'answer',
  'seconds',
  'judgment',
] as const satisfies readonly (keyof FlatJudgment)[]

/** A judgment as a row; `first` and `second` are its texts. */
export function flat(judgment: Judgment): FlatJudgment {
  const [first = '', second = ''] = textsOf(judgment)
  return {
    id: judgment.id ?? '',
    project: judgment.project ?? '',
    item: judgment.item,
    annotator: judgment.annotator.id,
    source: judgment.annotator.source,
    time: judgment.time,
    kind: judgment.kind,
    prompt: 'prompt' in judgment ? promptText(judgment.prompt) : '',
    first,
    second,
    answer: String(answerValue(judgment) ?? ''),
    seconds: judgment.durationSeconds ?? null,
    judgment: JSON.stringify(judgment),
  }
}

function textsOf(judgment: Judgment): readonly string[] {
  if ('completions' in judgment) return judgment.completions
  if ('clips' in judgment) return judgment.clips
  if (judgment.kind === 'edit') return [judgment.before, judgment.after]
  if (judgment.kind === 'critique') return [judgment.completion, judgment.text]
  if ('completion' in judgment) return [judgment.completion]
  return []
}
