import { type ChatMessage, isMessages } from '../chat/message.ts'
import type { Example, ExampleType, Row, TextOrChat } from './example.ts'
import { commonMessages, commonText } from './prefix.ts'

/** Columns that tell each of TRL's types. */
export const columnsOf: Readonly<Record<ExampleType, string>> = {
  'language-modeling': 'text, or messages',
  'prompt-only': 'prompt',
  'prompt-completion': 'prompt and completion',
  preference: 'chosen and rejected, with or without prompt (or prompt and completions, best first)',
  'unpaired-preference': 'prompt, completion and label (true or false)',
  'stepwise-supervision': 'prompt, completions and labels (lists of one length)',
}

/** The type that a row's columns tell; undefined when they tell none. */
export function typeOfRow(row: Row): ExampleType | undefined {
  const has = (...columns: readonly string[]) => columns.every((column) => row[column] !== undefined)
  if (has('chosen', 'rejected')) return 'preference'
  if (has('prompt', 'completions', 'labels')) return 'stepwise-supervision'
  if (has('prompt', 'completions')) return 'preference'
  if (has('prompt', 'completion', 'label')) return 'unpaired-preference'
  if (has('prompt', 'completion')) return 'prompt-completion'
  if (has('messages') || has('text')) return 'language-modeling'
  return has('prompt') ? 'prompt-only' : undefined
}

/** A row in TRL's columns as an example. Throws with the column, what was found and what was expected. */
export function exampleOf(row: Row): Example {
  const type = typeOfRow(row)
  if (!type) {
    const known = Object.entries(columnsOf).map(([name, columns]) => `${name}: ${columns}`)
    throw new Error(
      `no type of data has just the columns ${Object.keys(row).join(', ') || '(none)'}; known are\n  ${known.join('\n  ')}`,
    )
  }
  const tools = Array.isArray(row.tools) ? { tools: row.tools as object[] } : {}
  return { ...readers[type](row), ...tools }
}

const readers: Readonly<Record<ExampleType, (row: Row) => Example>> = {
  'language-modeling': (row) => ({
    type: 'language-modeling',
    text: row.messages === undefined ? plain(row, 'text') : content(row, 'messages'),
  }),
  'prompt-only': (row) => ({ type: 'prompt-only', prompt: content(row, 'prompt') }),
  'prompt-completion': (row) => ({ type: 'prompt-completion', ...promptAnd(row, 'completion') }),
  preference: (row) => (row.completions === undefined ? pair(row) : ranking(row)),
  'unpaired-preference': (row) => {
    const { label } = row
    if (typeof label !== 'boolean') throw wrong('label', label, 'true or false')
    return { type: 'unpaired-preference', ...promptAnd(row, 'completion'), label }
  },
  'stepwise-supervision': (row) => {
    const { completions, labels } = row
    if (!isList(completions, isText)) throw wrong('completions', completions, 'a list of texts')
    if (!isList(labels, isBoolean)) throw wrong('labels', labels, 'a list of true and false')
    if (labels.length !== completions.length)
      throw new Error(`there are ${completions.length} completions, but ${labels.length} labels`)
    return { type: 'stepwise-supervision', prompt: content(row, 'prompt'), steps: completions, labels }
  },
}

function promptAnd<Column extends string>(
  row: Row,
  column: Column,
): { prompt: TextOrChat } & Record<Column, TextOrChat> {
  const [prompt, other] = [content(row, 'prompt'), content(row, column)]
  sameForm({ prompt, [column]: other })
  return { prompt, [column]: other } as { prompt: TextOrChat } & Record<Column, TextOrChat>
}

function pair(row: Row): Example {
  const [chosen, rejected] = [content(row, 'chosen'), content(row, 'rejected')]
  sameForm({ chosen, rejected })
  const { margin } = row
  if (margin !== undefined && typeof margin !== 'number') throw wrong('margin', margin, 'a number')
  const extra = margin === undefined ? {} : { margin }
  if (!hasOwnPrompt(row, chosen)) return { ...withoutPrompt(chosen, rejected), ...extra }
  const prompt = content(row, 'prompt')
  sameForm({ prompt, chosen })
  return { type: 'preference', prompt, completions: different([chosen, rejected]), ...extra }
}

/** A prompt that `chosen` repeats as its first message says nothing that is not there. */
function hasOwnPrompt({ prompt }: Row, chosen: TextOrChat): boolean {
  if (prompt === undefined) return false
  return !(isText(prompt) && !isText(chosen) && chosen.some(({ content }) => content === prompt))
}

function withoutPrompt(chosen: TextOrChat, rejected: TextOrChat): Example {
  different([chosen, rejected])
  const { prompt, rest } =
    isText(chosen) && isText(rejected)
      ? commonText(chosen, rejected)
      : commonMessages(chosen as ChatMessage[], rejected as ChatMessage[])
  if (prompt.length === 0)
    throw new Error('chosen and rejected have no common beginning, and there is no prompt; give a prompt')
  if (!isText(prompt) && rest.some((completion) => completion.length === 0))
    throw new Error('one of chosen and rejected is the beginning of the other; they should part in an answer')
  return { type: 'preference', prompt, completions: rest }
}

function ranking(row: Row): Example {
  const { completions } = row
  if (!Array.isArray(completions) || completions.length < 2)
    throw wrong('completions', completions, 'a list of two or more, best first')
  const read = completions.map((_, i) =>
    content({ [`completions[${i}]`]: completions[i] }, `completions[${i}]`),
  )
  const prompt = content(row, 'prompt')
  for (const [i, completion] of read.entries()) sameForm({ prompt, [`completions[${i}]`]: completion })
  return { type: 'preference', prompt, completions: different(read) }
}

function different(completions: readonly TextOrChat[]): readonly TextOrChat[] {
  const texts = completions.map((completion) => JSON.stringify(completion))
  const again = texts.findIndex((text, i) => texts.indexOf(text) < i)
  if (again < 0) return completions
  const which =
    completions.length === 2
      ? 'chosen and rejected'
      : `completions ${texts.indexOf(texts[again]!) + 1} and ${again + 1}`
  throw new Error(`${which} are the same text; a preference between them says nothing`)
}

function sameForm(columns: Readonly<Record<string, TextOrChat>>): void {
  const [[a, first], [b, second]] = Object.entries(columns) as [[string, TextOrChat], [string, TextOrChat]]
  if (isText(first) === isText(second)) return
  const form = (value: TextOrChat) => (isText(value) ? 'a text' : 'a list of messages')
  throw new Error(`${a} is ${form(first)} and ${b} ${form(second)}; expected the same form in both`)
}

function content(row: Row, column: string): TextOrChat {
  const value = row[column]
  if (isText(value) || isMessages(value)) return value
  throw wrong(column, value, 'a text, or messages with role and content')
}

function plain(row: Row, column: string): string {
  const value = row[column]
  if (isText(value)) return value
  throw wrong(column, value, 'a text')
}

function wrong(column: string, value: unknown, expected: string): Error {
  return new Error(`${column} is ${JSON.stringify(value)?.slice(0, 80) ?? 'missing'}, expected ${expected}`)
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.length > 0 && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}
