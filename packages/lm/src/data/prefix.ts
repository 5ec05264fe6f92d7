import type { ChatMessage } from '../chat/message.ts'

/** Splits two continuations of the same text where they part; a space there goes to the continuations, as tokens begin with it. */
export function commonText(a: string, b: string): { prompt: string; rest: [string, string] } {
  let end = 0
  while (end < a.length && end < b.length && a[end] === b[end]) end++
  // not inside a surrogate pair
  if (end > 0 && /[\ud800-\udbff]/.test(a[end - 1]!)) end--
  if (a[end - 1] === ' ') end--
  return { prompt: a.slice(0, end), rest: [a.slice(end), b.slice(end)] }
}

/** Splits two continuations of the same conversation at the first message in which they differ. */
export function commonMessages(
  a: readonly ChatMessage[],
  b: readonly ChatMessage[],
): { prompt: ChatMessage[]; rest: [ChatMessage[], ChatMessage[]] } {
  let end = 0
  while (end < a.length && end < b.length && sameMessage(a[end]!, b[end]!)) end++
  return { prompt: a.slice(0, end), rest: [a.slice(end), b.slice(end)] }
}

function sameMessage(a: ChatMessage, b: ChatMessage): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
