import type { ChatMessage } from './message.ts'
import type { ChatTemplate, RenderOptions, Span } from './template.ts'

/** A rendered conversation, and which parts of it the assistant wrote. */
export interface AssistantParts {
  readonly text: string
  /** From what opens an assistant's turn (left out) to its end (included), in order. */
  readonly parts: readonly Span[]
}

/**
 * Finds what the assistant wrote: by the template's `{% generation %}` blocks, else by rendering growing lists of messages,
 * each of which must begin the next. Throws when neither works, and when the template drops a turn.
 */
export function assistantParts(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { tools }: Pick<RenderOptions, 'tools'> = {},
): AssistantParts {
  const turns = messages.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []))
  if (turns.length === 0) throw new Error('no message has the role assistant; there is nothing to learn')
  if (!template.marksGeneration) return byPrefixes(template, { messages, turns, tools })
  const { text, generated } = template.render(messages, { tools })
  const parts = generated.filter(({ start, end }) => end > start)
  for (const index of turns) checkKept(text, { messages, index })
  if (parts.length === 0) throw new Error("the template's generation blocks are empty for this conversation")
  return { text, parts }
}

/** A completion of rendered messages: the prompt ends where the assistant's turn opens. */
export interface RenderedCompletion {
  readonly prompt: string
  readonly completion: string
}

/** Renders a prompt and the messages that complete it. Throws unless the prompt's rendering begins that of the whole. */
export function renderCompletion(
  template: ChatTemplate,
  {
    prompt,
    completion,
    tools,
  }: { prompt: readonly ChatMessage[]; completion: readonly ChatMessage[] } & Pick<RenderOptions, 'tools'>,
): RenderedCompletion {
  const messages = [...prompt, ...completion]
  const before = template.render(prompt, {
    addGenerationPrompt: completion[0]?.role === 'assistant',
    tools,
  }).text
  const whole = template.render(messages, { tools }).text
  checkPrefix(whole, before, prompt.length)
  for (const [i] of completion.entries()) checkKept(whole, { messages, index: prompt.length + i })
  return { prompt: before, completion: whole.slice(before.length) }
}

function byPrefixes(
  template: ChatTemplate,
  {
    messages,
    turns,
    tools,
  }: { messages: readonly ChatMessage[]; turns: readonly number[]; tools?: RenderOptions['tools'] },
): AssistantParts {
  const { text } = template.render(messages, { tools })
  const parts = turns.map((index) => {
    const before = template.render(messages.slice(0, index), { addGenerationPrompt: true, tools }).text
    checkPrefix(text, before, index)
    const through = template.render(messages.slice(0, index + 1), { tools }).text
    checkPrefix(text, through, index + 1)
    if (!through.startsWith(before)) throw notPrefix(index)
    checkKept(through.slice(before.length), { messages, index })
    return { start: before.length, end: through.length }
  })
  return { text, parts }
}

function checkPrefix(whole: string, before: string, count: number): void {
  if (!whole.startsWith(before)) throw notPrefix(count)
}

function notPrefix(count: number): Error {
  return new Error(
    `the chat template writes the first ${count} messages differently once more follow, so what the assistant wrote cannot be told apart; mark it in the template with {% generation %}, or make each turn a row of its own`,
  )
}

/** Reasoning is written in many ways, so only the part behind it is looked for. */
function checkKept(
  text: string,
  { messages, index }: { messages: readonly ChatMessage[]; index: number },
): void {
  const { role, content } = messages[index]!
  if (typeof content !== 'string') return
  const answer = content.split('</think>').at(-1)!.trim()
  if (text.includes(answer)) return
  throw new Error(
    `the chat template swallows message ${index + 1} (${role}): its text '${answer.slice(0, 40)}' is not in the rendering`,
  )
}
