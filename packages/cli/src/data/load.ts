import {
  chatTemplateOf,
  datasetOf,
  type Encoder,
  mixture,
  type Placed,
  type PlacedRow,
  type RowProblem,
  type Tokenizer,
  type Wanted,
} from '@attune/lm'
import { UserError } from '../errors.ts'
import { readTable } from './read.ts'

/** Data as a recipe names it: a file, or several that are mixed. */
export type DataSource = string | readonly DataPart[]

/** One file of a mixture. */
export interface DataPart {
  readonly path: string
  /** How often each row is seen: 0.5 is a random half, 2 every row twice. */
  readonly weight: number
  /** The file's own names of TRL's columns, as `{ prompt: question }`. */
  readonly columns?: Readonly<Record<string, string>> | undefined
}

/** Problems shown when data is refused. */
const mostShown = 5

/** What turns a model's text into tokens. Throws when its chat template cannot be read. */
export function encoderOf(tokenizer: Tokenizer): Encoder {
  try {
    return { tokenizer, template: chatTemplateOf(tokenizer) }
  } catch (cause) {
    throw new UserError(`the model's tokenizer_config.json: ${(cause as Error).message}`)
  }
}

/** Rows of every file of a source, under TRL's column names. Throws when a named column is not there. */
export async function rowsOf(source: DataSource): Promise<{ rows: PlacedRow[]; weight: number }[]> {
  const parts = typeof source === 'string' ? [{ path: source, weight: 1 }] : source
  const all = []
  for (const { path, weight, columns = {} } of parts as readonly DataPart[]) {
    const rows = await readTable(path)
    all.push({ rows: rows.map((row) => renamed(row, columns)), weight })
  }
  return all
}

/** Rows of every file of a source as a trainer wants them, mixed by weight when there are several or a weight is not 1. */
export async function loadMixed<T>(
  source: DataSource,
  { seed, read }: { seed: number; read: (rows: readonly PlacedRow[]) => readonly T[] },
): Promise<readonly T[]> {
  const parts = (await rowsOf(source)).map(({ rows, weight }) => ({ rows: read(rows), weight }))
  const [only] = parts
  return parts.length === 1 && only!.weight === 1 ? only!.rows : mixture(parts, seed)
}

/** Examples of one file as a trainer wants them. Throws with the rows that are wrong. */
export function examplesOf(
  rows: readonly PlacedRow[],
  { wanted, encoder }: { wanted: Wanted; encoder: Encoder },
): readonly Placed[] {
  const { examples, problems } = datasetOf(rows, { wanted, chat: encoder.template !== undefined })
  refuse(problems)
  return examples
}

/** Throws the first problems, and how many more there are. */
export function refuse(problems: readonly RowProblem[]): void {
  if (problems.length === 0) return
  const shown = problems.slice(0, mostShown).map(({ where, message }) => `${where}: ${message}`)
  const more = problems.length - shown.length
  throw new UserError([...shown, ...(more > 0 ? [`and ${more} more rows with problems`] : [])].join('\n'))
}

/** Calls a function on an example's place; what it throws names the place. */
export function placed<T>(where: string, use: () => T): T {
  try {
    return use()
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    throw new UserError(`${where}: ${(cause as Error).message}`)
  }
}

function renamed({ where, row }: PlacedRow, columns: Readonly<Record<string, string>>): PlacedRow {
  if (Object.keys(columns).length === 0) return { where, row }
  const entries = Object.entries(columns).map(([column, own]) => {
    if (row[own] === undefined)
      throw new UserError(`${where}: there is no column '${own}'; there are ${Object.keys(row).join(', ')}`)
    return [column, row[own]]
  })
  const named = new Set(Object.values(columns))
  const others = Object.entries(row).filter(([column]) => !named.has(column))
  return { where, row: Object.fromEntries([...others, ...entries]) }
}
