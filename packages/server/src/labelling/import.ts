import {
  argillaItems,
  argillaJudgments,
  labelStudioItems,
  labelStudioJudgments,
  labelStudioSkips,
  type NewItem,
  type Project,
} from '@attune/feedback'
import { type FeedbackStore, type Imported, importInto } from '@attune/feedback/store'
import { parse } from 'csv-parse/sync'
import { invalid } from '../http/api-error.ts'
import { misfitOf } from './fit.ts'
import { tasksOf, withId } from './item.ts'

type Row = Readonly<Record<string, unknown>>

/** Adds the items and judgments of a file's text; twice the same text adds once. */
export async function importText(
  store: FeedbackStore,
  { project, format, text }: { project: Project; format: string; text: string },
): Promise<{ items: number; judgments: number; problems: Imported['problems'] }> {
  const { problems, ...added } = await importInto(
    store,
    project,
    fitting(read(format, text, project), project),
  )
  return { ...added, problems: problems.slice(0, 100) }
}

/** Leaves out the items that the project cannot ask about, with their judgments, each with a problem. */
function fitting({ items, judgments, problems }: Imported, { protocol }: Project): Imported {
  const misfits = items.flatMap(({ row, item }) => {
    const misfit = misfitOf(item, protocol)
    return misfit ? [{ row, item, message: `${misfit}; left out` }] : []
  })
  const left = new Set(misfits.map(({ row }) => row))
  const fit = items.filter(({ row }) => !left.has(row))
  const lost = new Set(misfits.map(({ item }) => item.id))
  for (const { item } of fit) lost.delete(item.id)
  return {
    items: fit,
    judgments: judgments.filter(({ item }) => !lost.has(item)),
    problems: [...problems, ...misfits.map(({ row, message }) => ({ row, message }))],
  }
}

function read(format: string, text: string, project: Project): Imported {
  const context = { project: project.id, protocol: project.protocol.version, time: new Date().toISOString() }
  try {
    if (format === 'argilla') {
      const records = listOf(text) as unknown as Parameters<typeof argillaItems>[0]
      const items = argillaItems(records).map((item, i) => ({ row: i + 1, item }))
      return { items, judgments: argillaJudgments(records, context), problems: [] }
    }
    if (format === 'label-studio') {
      const tasks = listOf(text) as unknown as Parameters<typeof labelStudioItems>[0]
      const items = labelStudioItems(tasks).map((item, i) => ({ row: i + 1, item }))
      return {
        items,
        judgments: labelStudioJudgments(tasks, context),
        problems: labelStudioSkips(tasks),
      }
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
  const items: { row: number; item: NewItem }[] = []
  const problems: { row: number; message: string }[] = []
  rows.forEach((row, i) => {
    const item = row instanceof Error ? row.message : itemOf(row)
    if (typeof item === 'string') problems.push({ row: i + 1, message: item })
    else items.push(...tasksOf(item, kind).map((task) => ({ row: i + 1, item: task })))
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
