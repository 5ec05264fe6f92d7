import { type ChatMessage, chatTemplateOf, type Encoder, encodePrompt, type Tokenizer } from '@attune/lm'

/** How a model's prompts become tokens: by its chat template where it has one. */
export function encoderOf(tokenizer: Tokenizer): Encoder {
  return { tokenizer, template: chatTemplateOf(tokenizer) }
}

/** Tokens of a prompt; a model without a chat template goes on with the messages' texts, one below the other. */
export function promptIds(encoder: Encoder, prompt: string | readonly ChatMessage[]): number[] {
  return encodePrompt(encoder, encoder.template || typeof prompt === 'string' ? prompt : plainText(prompt))
}

/** A conversation as a base model reads it. */
export function plainText(messages: readonly ChatMessage[]): string {
  return messages.map(({ content }) => content).join('\n')
}
