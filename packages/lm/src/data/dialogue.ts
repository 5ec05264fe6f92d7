import type { ChatMessage } from '../chat/message.ts'

const roles: Readonly<Record<string, string>> = { Human: 'user', Assistant: 'assistant' }

/** Is it a dialogue as HH-RLHF writes it: `\n\nHuman: … \n\nAssistant: …`? */
export function isDialogue(text: unknown): text is string {
  return typeof text === 'string' && /^\s*Human:/.test(text) && /\n\nAssistant:/.test(text)
}

/** The turns of a `\n\nHuman: … \n\nAssistant: …` dialogue (Bai et al. 2022); turns of one speaker in a row become one message. */
export function dialogueMessages(text: string): ChatMessage[] {
  const parts = `\n\n${text.trimStart()}`.split(/\n\n(Human|Assistant):/).slice(1)
  const messages: { role: string; content: string }[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const role = roles[parts[i]!]!
    const content = parts[i + 1]!.trim()
    const last = messages.at(-1)
    if (last?.role === role) last.content = [last.content, content].filter(Boolean).join('\n\n')
    else messages.push({ role, content })
  }
  return messages
}

/** Messages as such a dialogue: the plain text for models without a chat template. */
export function dialogueText(messages: readonly ChatMessage[]): string {
  const label = (role: string) => (role === 'assistant' ? 'Assistant' : 'Human')
  return messages.map(({ role, content }) => `\n\n${label(role)}: ${content}`).join('')
}
