/** One turn of a conversation, as chat templates read it; tool calls and the like are further fields. */
export interface ChatMessage {
  readonly role: string
  readonly content: string
  readonly [field: string]: unknown
}

/** Is it a non-empty list of messages: objects with a `role` that is a text, and a `content` or `tool_calls`? */
export function isMessages(value: unknown): value is ChatMessage[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage)
}

function isMessage(value: unknown): value is ChatMessage {
  if (typeof value !== 'object' || value === null) return false
  const { role, content, tool_calls } = value as Record<string, unknown>
  return typeof role === 'string' && (typeof content === 'string' || Array.isArray(tool_calls))
}
