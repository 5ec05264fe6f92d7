import { createHash } from 'node:crypto'
import {
  argillaItems,
  argillaJudgments,
  type Judgment,
  labelStudioItems,
  labelStudioJudgments,
  type NewItem,
  type Project,
} from '@attune/feedback'
import type { FeedbackStore } from '@attune/feedback/store'
import { parse } from 'csv-parse/sync'
import { invalid } from '../http/api-error.ts'
import { tasksOf, withId } from './item.ts'

/** What a text brings in. */
interface Imported {
  readonly items: readonly NewItem[]
  readonly judgments: readonly Judgment[]
  readonly problems: readonly { readonly row: number; readonly message: string }[]
}

type Row = Readonly<Record<string, unknown>>

/** Adds the items and judgments of a file's text; twice the same text adds once. */
export async function importText(
  store: FeedbackStore,
  { project, format, text }: { project: Project; format: string; text: string },
): Promise<{ items: number; judgments: number; problems: Imported['problems'] }> {
  const { items, judgments, problems } = withoutOtherKinds(read(format, text, project), project)
  const { added } = await store.addItems(project.id, items)
  let fresh = 0
  for (const judgment of judgments) {
    const key = `import:${createHash('sha256')
      .update(JSON.stringify({ ...judgment, time: '' }))
      .digest('hex')}`
    const { duplicate } = await store.submit({ ...judgment, project: project.id }, { key })
    if (!duplicate) fresh++
  }
  return { items: added, judgments: fresh, problems: problems.slice(0, 100) }
}

/** Leaves out the judgments that the project does not ask for, each with a problem at the row of its item. */
function withoutOtherKinds({ items, judgments, problems }: Imported, { protocol }: Project): Imported {
  const rows = new Map(items.map(({ id }, i) => [id, i + 1]))
  const fits = ({ kind }: Judgment) => kind === protocol.kind || kind === 'flag'
  const others = judgments.filter((judgment) => !fits(judgment))
  return {
    items,
    judgments: judgments.filter(fits),
    problems: [
      ...problems,
      ...others.map(({ item, kind, annotator }) => ({
        row: rows.get(item) ?? 0,
        message: `the answer of '${annotator.id}' is a ${kind}, but the project asks for ${protocol.kind}; left out`,
      })),
    ],
  }
}

function read(format: string, text: string, project: Project): Imported {
  const context = { project: project.id, protocol: project.protocol.version, time: new Date().toISOString() }
  try {
    if (format === 'argilla') {
      const records = listOf(text) as unknown as Parameters<typeof argillaItems>[0]
      return { items: argillaItems(records), judgments: argillaJudgments(records, context), problems: [] }
    }
    if (format === 'label-studio') {
      const tasks = listOf(text) as unknown as Parameters<typeof labelStudioItems>[0]
      const problems = tasks.flatMap(({ annotations }, i) =>
        annotations
          .filter(({ was_cancelled: skipped }) => skipped)
          .map(() => ({ row: i + 1, message: 'an annotation was skipped in Label Studio; left out' })),
      )
      return { items: labelStudioItems(tasks), judgments: labelStudioJudgments(tasks, context), problems }
    }
    const rows = format === 'csv' ? (parse(text, { columns: true, bom: true }) as Row[]) : jsonLines(text)
    return fromRows(rows, project.protocol.kind)
  } catch (cause) {
    throw invalid('body.text', (cause as Error).message.slice(0, 500))
  }
}

function listOf(text: string): Row[] {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) throw new Error('expected a JSON array')
  return value
}

function jsonLines(text: string): (Row | Error)[] {
  return text.split(/\r?\n/).flatMap((line): (Row | Error)[] => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line)]
    } catch (cause) {
      return [cause as Error]
    }
  })
}

function fromRows(rows: readonly (Row | Error)[], kind: Project['protocol']['kind']): Imported {
  const items: NewItem[] = []
  const problems: { row: number; message: string }[] = []
  rows.forEach((row, i) => {
    const item = row instanceof Error ? row.message : itemOf(row)
    if (typeof item === 'string') problems.push({ row: i + 1, message: item })
    else items.push(...tasksOf(item, kind))
  })
  return { items, judgments: [], problems }
}

/** An item of a row with TRL's or our own columns, or what is wrong with it. */
function itemOf(row: Row): NewItem | string {
  if (typeof row !== 'object' || row === null) return 'expected an object'
  const prompt = promptOf(row.prompt)
  if (prompt === undefined) return 'has no prompt: expected a text or messages under "prompt"'
  const texts = completionsOf(row)
  if (texts.some((text) => text === undefined)) return 'has a completion that is no text'
  const id = typeof row.id === 'string' && /^[A-Za-z0-9_][\w-]{0,127}$/.test(row.id) ? row.id : undefined
  return withId({ id, prompt, completions: texts.map((text) => ({ text: text! })) })
}

function promptOf(value: unknown): NewItem['prompt'] | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.length === 0) return undefined
  const messages = value.map((message) => ({ role: message?.role, content: message?.content }))
  return messages.every(
    ({ role, content }) => typeof role === 'string' && role && typeof content === 'string',
  )
    ? messages
    : undefined
}

/** The texts of `completions`, `completion`, or `chosen` and `rejected`, whichever are there. */
function completionsOf(row: Row): (string | undefined)[] {
  const listed = Array.isArray(row.completions)
    ? row.completions
    : [
        row.chosen,
        row.rejected,
        row.completion,
        row.completion_a,
        row.completion_b,
        row.answer1,
        row.answer2,
      ].filter((value) => value !== undefined && value !== '')
  return listed.map((value) => {
    const last = Array.isArray(value) ? value.at(-1) : value
    const text = typeof last === 'object' && last !== null ? (last.text ?? last.content) : last
    return typeof text === 'string' ? text : undefined
  })
}
