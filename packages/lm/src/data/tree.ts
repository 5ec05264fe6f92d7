import type { ChatMessage } from '../chat/message.ts'
import type { ExampleType, Row } from './example.ts'

interface TreeMessage {
  readonly text: string
  readonly role: string
  readonly rank?: number | null
  readonly deleted?: boolean
  readonly replies?: readonly TreeMessage[]
}

/** Is it a message tree as Open-Assistant exports it: `prompt` (or the row itself) with `text`, `role` and `replies`? */
export function isTree(row: Row): boolean {
  return isTreeMessage(row.prompt) || isTreeMessage(row)
}

/**
 * Rows of a message tree (Köpf et al. 2023): as preferences, one ranking for every message with two or more ranked answers;
 * as conversations, the best-ranked answers along every branch; as prompts, every thread that a person ends.
 */
export function treeRows(row: Row, wanted: ExampleType | undefined): Row[] {
  const root = (isTreeMessage(row.prompt) ? row.prompt : row) as unknown as TreeMessage
  const rows: Row[] = []
  visit(root, [], (thread, answers) => {
    const prompt = thread.map(messageOf)
    const ranked = answers.filter(({ rank }) => typeof rank === 'number').sort((a, b) => a.rank! - b.rank!)
    if (wanted === 'prompt-only') rows.push({ prompt })
    else if (wanted === 'language-modeling' || wanted === 'prompt-completion') {
      const best = ranked[0] ?? answers[0]
      if (best) rows.push({ prompt, completion: [messageOf(best)] })
    } else if (ranked.length > 1)
      rows.push({ prompt, completions: ranked.map((answer) => [messageOf(answer)]) })
  })
  return rows
}

/** Calls `found` with every thread that ends in a person's message, and the answers to it. */
function visit(
  message: TreeMessage,
  before: readonly TreeMessage[],
  found: (thread: readonly TreeMessage[], answers: TreeMessage[]) => void,
): void {
  if (message.deleted) return
  const thread = [...before, message]
  const replies = (message.replies ?? []).filter(({ deleted }) => !deleted)
  if (message.role !== 'assistant')
    found(
      thread,
      replies.filter(({ role }) => role === 'assistant'),
    )
  for (const reply of replies) visit(reply, thread, found)
}

function messageOf({ role, text }: TreeMessage): ChatMessage {
  return { role: role === 'assistant' ? 'assistant' : 'user', content: text }
}

function isTreeMessage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { text, role, replies } = value as Record<string, unknown>
  return typeof text === 'string' && (role === 'prompter' || role === 'assistant') && Array.isArray(replies)
}
