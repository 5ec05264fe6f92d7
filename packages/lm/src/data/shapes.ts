import { type ChatMessage, isMessages } from '../chat/message.ts'
import { dialogueMessages, dialogueText, isDialogue } from './dialogue.ts'
import type { ExampleType, Row } from './example.ts'
import { commonMessages } from './prefix.ts'
import { isTree, treeRows } from './tree.ts'

/** How rows are to be read. */
export interface ReadOptions {
  /** The type that is needed, where a row could be several. */
  readonly wanted?: ExampleType | undefined
  /** Does the model have a chat template? Without one, dialogues in plain text stay plain text. */
  readonly chat: boolean
}

/** A way of writing rows that is not TRL's. */
export interface Shape {
  readonly name: string
  readonly matches: (row: Row) => boolean
  /** The same in TRL's columns; one row may hold several. */
  readonly rows: (row: Row, options: ReadOptions) => readonly Row[]
}

const isText = (value: unknown): value is string => typeof value === 'string'
const has = (row: Row, ...columns: readonly string[]) => columns.every((column) => row[column] !== undefined)

/** Ways of writing rows that are understood besides TRL's columns. */
export const shapes: readonly Shape[] = [
  { name: 'Open-Assistant tree', matches: isTree, rows: (row, { wanted }) => treeRows(row, wanted) },
  {
    name: 'HH-RLHF dialogues',
    matches: ({ prompt, chosen, rejected }) =>
      prompt === undefined && isDialogue(chosen) && isDialogue(rejected),
    rows: ({ chosen, rejected }, { chat }) => {
      const { prompt, rest } = commonMessages(
        dialogueMessages(chosen as string),
        dialogueMessages(rejected as string),
      )
      if (chat) return [{ prompt, chosen: rest[0], rejected: rest[1] }]
      const plain = (messages: readonly ChatMessage[]) =>
        dialogueText(messages).replace(/^\n\nAssistant:/, '')
      return [
        { prompt: `${dialogueText(prompt)}\n\nAssistant:`, chosen: plain(rest[0]), rejected: plain(rest[1]) },
      ]
    },
  },
  {
    name: 'ShareGPT conversations',
    matches: ({ conversations }) => isShareGpt(conversations),
    rows: ({ conversations, chosen, rejected, ...rest }) => {
      const messages = (conversations as ShareGptMessage[]).map(fromShareGpt)
      if (!isShareGptMessage(chosen) || !isShareGptMessage(rejected)) return [{ ...rest, messages }]
      return [
        { ...rest, prompt: messages, chosen: [fromShareGpt(chosen)], rejected: [fromShareGpt(rejected)] },
      ]
    },
  },
  {
    name: 'messages with a label',
    matches: ({ messages, label }) => isMessages(messages) && label !== undefined,
    rows: ({ messages, ...rest }) => {
      const all = messages as ChatMessage[]
      return [{ ...rest, prompt: all.slice(0, -1), completion: all.slice(-1) }]
    },
  },
  {
    name: 'Alpaca instructions',
    matches: (row) => isText(row.instruction) && isText(row.output),
    rows: ({ instruction, input, output, system }, { chat }) => {
      const request = [instruction, input].filter(Boolean).join('\n')
      if (!chat) return [{ prompt: `${request}\n`, completion: output }]
      const before = isText(system) && system ? [{ role: 'system', content: system }] : []
      return [
        {
          prompt: [...before, { role: 'user', content: request }],
          completion: [{ role: 'assistant', content: output }],
        },
      ]
    },
  },
  {
    name: 'PKU-SafeRLHF pairs',
    matches: (row) => has(row, 'prompt', 'response_0', 'response_1', 'better_response_id'),
    rows: ({ prompt, response_0, response_1, better_response_id: better }, { chat }) => {
      const [chosen, rejected] = better === 0 ? [response_0, response_1] : [response_1, response_0]
      if (!chat) return [{ prompt, chosen, rejected }]
      const answer = (content: unknown) => [{ role: 'assistant', content }]
      return [
        { prompt: [{ role: 'user', content: prompt }], chosen: answer(chosen), rejected: answer(rejected) },
      ]
    },
  },
  {
    name: 'questions with answers',
    matches: (row) => isText(row.question) && isText(row.answer),
    rows: ({ question, answer, ...rest }, { chat }) => [
      chat
        ? {
            ...rest,
            prompt: [{ role: 'user', content: question }],
            completion: [{ role: 'assistant', content: answer }],
          }
        : { ...rest, prompt: `${question}\n`, completion: answer },
    ],
  },
  {
    name: 'MT-bench questions',
    matches: ({ turns }) => Array.isArray(turns) && turns.length > 0 && turns.every(isText),
    rows: ({ turns }, { chat }) => {
      const [first] = turns as string[]
      return [{ prompt: chat ? [{ role: 'user', content: first }] : first }]
    },
  },
]

interface ShareGptMessage {
  readonly from: string
  readonly value: string
}

const shareGptRoles: Readonly<Record<string, string>> = { human: 'user', gpt: 'assistant', bot: 'assistant' }

function fromShareGpt({ from, value }: ShareGptMessage): ChatMessage {
  return { role: shareGptRoles[from] ?? from, content: value }
}

function isShareGpt(value: unknown): value is ShareGptMessage[] {
  return Array.isArray(value) && value.length > 0 && value.every(isShareGptMessage)
}

function isShareGptMessage(value: unknown): value is ShareGptMessage {
  return (
    typeof value === 'object' && value !== null && 'from' in value && 'value' in value && isText(value.value)
  )
}
