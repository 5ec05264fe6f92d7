import { quantiles } from '@attune/feedback'
import {
  datasetOf,
  type EncodedRow,
  type Encoder,
  encodeExample,
  exampleTypes,
  isChat,
  type Placed,
  type RowProblem,
  shapeOf,
  type Tokenizer,
  type Wanted,
} from '@attune/lm'
import { UserError } from '../errors.ts'
import { readTable } from './read.ts'

/** A token as people read it. */
export interface ShownToken {
  readonly id: number
  readonly text: string
  readonly learnt: boolean
}

/** One example as a trainer sees it. */
export interface ShownExample {
  readonly where: string
  readonly rows: readonly { readonly name: string; readonly tokens: readonly ShownToken[] }[]
}

/** Smallest, middle and large lengths in tokens. */
export interface Lengths {
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** What `attune data inspect` finds out about a file. */
export interface Inspection {
  readonly file: string
  readonly rows: number
  /** How rows are written: TRL's type or another known shape. */
  readonly shape: string
  /** What they are read as. */
  readonly type: string
  readonly form: 'conversational' | 'plain'
  readonly examples: number
  readonly labels?: { readonly liked: number; readonly disliked: number }
  readonly problems: readonly RowProblem[]
  /** Examples that are the same as an earlier one, and prompts that are. */
  readonly duplicates: { readonly examples: number; readonly prompts: number }
  /** Tokens of whole rows and of their learnt parts. */
  readonly lengths: Readonly<Record<string, Lengths>>
  readonly limit: number | undefined
  /** Rows of tokens longer than the limit, which training would refuse, drop or cut. */
  readonly tooLong: number
  readonly samples: readonly ShownExample[]
}

/** How to look at a file. */
export interface InspectOptions {
  readonly encoder: Encoder
  readonly wanted?: Wanted | undefined
  /** Most tokens of a row, where there is a limit. */
  readonly limit?: number | undefined
  /** Examples to show token by token. */
  readonly samples: number
}

/** Types that `--type` takes. */
export const wantedTypes: readonly Wanted[] = [
  'supervised',
  ...exampleTypes.filter((type) => type !== 'language-modeling' && type !== 'prompt-completion'),
]

/** Reads a file as a stage would, and counts. Throws only when it cannot be read at all, or nothing in it. */
export async function inspect(
  file: string,
  { encoder, wanted, limit, samples }: InspectOptions,
): Promise<Inspection> {
  const rows = await readTable(file)
  const { examples, problems } = datasetOf(rows, { wanted, chat: encoder.template !== undefined })
  const { encoded, failed } = encodeAll(examples, encoder)
  const [first] = examples
  if (!first)
    throw new UserError(
      problems
        .slice(0, 5)
        .map(({ where, message }) => `${where}: ${message}`)
        .join('\n'),
    )
  const tokens = encoded.flatMap(({ rows: found }) => found)
  return {
    file,
    rows: rows.length,
    shape: shapeOf(rows[0]!.row) ?? 'unknown',
    type: first.example.type,
    form: isChat(first.example) ? 'conversational' : 'plain',
    examples: examples.length,
    ...labelCounts(examples),
    problems: [...problems, ...failed],
    duplicates: duplicates(examples),
    lengths: lengthsOf(tokens),
    limit,
    tooLong: limit === undefined ? 0 : tokens.filter(({ ids }) => ids.length > limit).length,
    samples: encoded.slice(0, samples).map(({ where, rows: found }) => ({
      where,
      rows: found.map(({ name, ids, learnt }) => ({
        name,
        tokens: ids.map((id, i) => ({ id, text: tokenText(id, encoder.tokenizer), learnt: learnt[i]! })),
      })),
    })),
  }
}

interface EncodedExample {
  readonly where: string
  readonly rows: readonly EncodedRow[]
}

function encodeAll(
  examples: readonly Placed[],
  encoder: Encoder,
): { encoded: EncodedExample[]; failed: RowProblem[] } {
  const encoded: EncodedExample[] = []
  const failed: RowProblem[] = []
  for (const { where, example } of examples) {
    try {
      encoded.push({ where, rows: encodeExample(encoder, example) })
    } catch (cause) {
      failed.push({ where, message: (cause as Error).message })
    }
  }
  return { encoded, failed }
}

function labelCounts(examples: readonly Placed[]): Pick<Inspection, 'labels'> {
  const labels = examples.flatMap(({ example }) =>
    example.type === 'unpaired-preference' ? [example.label] : [],
  )
  if (labels.length === 0) return {}
  const liked = labels.filter(Boolean).length
  return { labels: { liked, disliked: labels.length - liked } }
}

function duplicates(examples: readonly Placed[]): Inspection['duplicates'] {
  const repeated = (keys: readonly string[]) => keys.length - new Set(keys).size
  return {
    examples: repeated(examples.map(({ example }) => JSON.stringify(example))),
    prompts: repeated(
      examples.flatMap(({ example }) => ('prompt' in example ? [JSON.stringify(example.prompt)] : [])),
    ),
  }
}

function lengthsOf(rows: readonly EncodedRow[]): Record<string, Lengths> {
  const of = (lengths: readonly number[]): Lengths => {
    const [min, p50, p90, p99, max] = quantiles(lengths, [0, 0.5, 0.9, 0.99, 1]).map(Math.round)
    return { min: min!, p50: p50!, p90: p90!, p99: p99!, max: max! }
  }
  if (rows.length === 0) return {}
  const learnt = rows.map((row) => row.learnt.filter(Boolean).length)
  return {
    tokens: of(rows.map(({ ids }) => ids.length)),
    ...(learnt.some((count) => count > 0) ? { learnt: of(learnt) } : {}),
  }
}

/** A token's text; a part of a character as its bytes. */
function tokenText(id: number, { tokenBytes }: Tokenizer): string {
  const bytes = tokenBytes(id)
  if (!bytes) return '�'
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  }
}
