import { z } from 'zod'

/** One message of a conversation. */
export const chatMessageSchema = z.strictObject({ role: z.string().min(1), content: z.string() })

/** What a model was asked: plain text, or a conversation. */
export const promptSchema = z.union([z.string(), z.array(chatMessageSchema).min(1).readonly()])

/** A part of a text, in UTF-16 code units, the end excluded. */
export const spanSchema = z
  .strictObject({ start: z.number().int().nonnegative(), end: z.number().int().nonnegative() })
  .refine(({ start, end }) => start < end, 'a span must end after its start')

/** One message of a conversation. */
export type ChatMessage = Readonly<z.infer<typeof chatMessageSchema>>
/** What a model was asked: plain text, or a conversation. */
export type Prompt = string | readonly ChatMessage[]
/** A part of a text, in UTF-16 code units, the end excluded. */
export type Span = Readonly<z.infer<typeof spanSchema>>

/** A prompt as one plain text: a conversation becomes `role: content` paragraphs. */
export function promptText(prompt: Prompt): string {
  return typeof prompt === 'string'
    ? prompt
    : prompt.map(({ role, content }) => `${role}: ${content}`).join('\n\n')
}
