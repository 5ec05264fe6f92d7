import { columnsOf, exampleOf, typeOfRow } from './columns.ts'
import { convert, type Wanted } from './convert.ts'
import type { Example, ExampleType, Placed, PlacedRow, Row, TextOrChat } from './example.ts'
import { type ReadOptions, shapes } from './shapes.ts'

/** What is wrong with a row. */
export interface RowProblem {
  readonly where: string
  readonly message: string
}

/** The examples of some rows, and what is wrong with the others. */
export interface Dataset {
  readonly examples: readonly Placed[]
  readonly problems: readonly RowProblem[]
}

/** How rows are written, in words: TRL's type, or the name of another known shape. */
export function shapeOf(row: Row): string | undefined {
  return shapes.find(({ matches }) => matches(row))?.name ?? typeOfRow(row)
}

/**
 * Reads rows of any known shape as examples of one type and one form. Nothing is thrown: rows that cannot be read, that are of
 * another type than the first, or plain text among conversations, are problems; so are labels that are all the same.
 */
export function datasetOf(
  rows: readonly PlacedRow[],
  { wanted, chat }: { wanted?: Wanted | undefined; chat: boolean },
): Dataset {
  const examples: Placed[] = []
  const problems: RowProblem[] = []
  let first: { where: string; kind: string } | undefined
  for (const { where, row } of rows) {
    try {
      for (const example of examplesOfRow(row, { chat, wanted: typeFor(wanted) })) {
        const kind = kindOf(example)
        first ??= { where, kind }
        if (kind !== first.kind)
          throw new Error(`${kind}, but ${first.where} is ${first.kind}; a file holds one kind of rows`)
        for (const converted of wanted ? convertedTo(example, { wanted, row }) : [example])
          examples.push({ where, example: converted })
      }
    } catch (cause) {
      problems.push({ where, message: (cause as Error).message })
    }
  }
  return { examples, problems: [...problems, ...oneSided(examples)] }
}

function examplesOfRow(row: Row, options: ReadOptions): Example[] {
  const shape = shapes.find(({ matches }) => matches(row))
  return (shape ? shape.rows(row, options) : [row]).map(exampleOf)
}

function typeFor(wanted: Wanted | undefined): ExampleType | undefined {
  return wanted === 'supervised' ? 'prompt-completion' : wanted
}

function convertedTo(example: Example, { wanted, row }: { wanted: Wanted; row: Row }): readonly Example[] {
  const converted = convert(example, wanted)
  if (converted) return converted
  const needed = wanted === 'supervised' ? (['prompt-completion', 'language-modeling'] as const) : [wanted]
  const expected = needed.map((type) => `${type} (${columnsOf[type]})`).join(' or ')
  throw new Error(
    `this is ${example.type} data (its columns are ${Object.keys(row).join(', ')}), expected ${expected}`,
  )
}

function kindOf(example: Example): string {
  return `${isChat(example) ? 'conversational' : 'plain'} ${example.type}`
}

/** Is the example a conversation rather than plain text? */
export function isChat(example: Example): boolean {
  const content: TextOrChat = 'prompt' in example ? example.prompt : example.text
  return typeof content !== 'string'
}

/** Thumbs that all point one way teach nothing. */
function oneSided(examples: readonly Placed[]): RowProblem[] {
  const labels = examples.flatMap(({ example }) => {
    if (example.type === 'unpaired-preference') return [example.label]
    return example.type === 'stepwise-supervision' ? example.labels : []
  })
  if (labels.length < 2 || new Set(labels).size > 1) return []
  const message = `all ${labels.length} labels from here to ${examples.at(-1)!.where} are ${labels[0]}; learning from them needs both kinds`
  return [{ where: examples[0]!.where, message }]
}
