import { renderCompletion } from '../chat/assistant.ts'
import { encodeConversation, type MaskedTokens, turnEnd } from '../chat/encode.ts'
import { isMessages } from '../chat/message.ts'
import { type ChatTemplate, renderChat } from '../chat/template.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import type { Example, TextOrChat } from './example.ts'

/** What text becomes tokens with. */
export interface Encoder {
  readonly tokenizer: Tokenizer
  /** Needed for conversations. */
  readonly template: ChatTemplate | undefined
}

/** A prompt with a completion, as token ids. */
export interface EncodedCompletion {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
}

/**
 * A plain prompt's ids, after a beginning-of-text token where the tokenizer adds one: as `add_bos_token` says, or else as
 * `tokenizer.json` does. An empty prompt gets it in any case.
 */
export function promptTokens(prompt: string, tokenizer: Tokenizer): number[] {
  const ids = tokenizer.encode(prompt)
  const { beginOfText } = tokenizer
  if (beginOfText === undefined || ids[0] === beginOfText) return ids
  return ids.length === 0 || addsBeginOfText(tokenizer) ? [beginOfText, ...ids] : ids
}

function addsBeginOfText({ config, encode, beginOfText }: Tokenizer): boolean {
  const { add_bos_token: added } = config as { add_bos_token?: unknown }
  return typeof added === 'boolean' ? added : encode('', { addSpecialTokens: true })[0] === beginOfText
}

/** Ids of a prompt that is to be answered; of messages, as the template renders them and with what opens the answer. */
export function encodePrompt(
  { tokenizer, template }: Encoder,
  prompt: TextOrChat,
  tools?: readonly object[],
): number[] {
  if (!isMessages(prompt)) return promptTokens(prompt as string, tokenizer)
  return tokenizer.encode(renderChat(needed(template), prompt, { addGenerationPrompt: true, tools }))
}

/**
 * Ids of a prompt and of what completes it, each tokenised once and apart, as they are when a policy samples. The completion
 * ends with the special token that ends its turn, or with the end of text.
 */
export function encodeCompletion(
  { tokenizer, template }: Encoder,
  {
    prompt,
    completion,
    tools,
  }: { prompt: TextOrChat; completion: TextOrChat; tools?: readonly object[] | undefined },
): EncodedCompletion {
  if (!isMessages(prompt) || !isMessages(completion)) {
    return {
      prompt: promptTokens(prompt as string, tokenizer),
      completion: ended(tokenizer, tokenizer.encode(completion as string)),
    }
  }
  const rendered = renderCompletion(needed(template), { prompt, completion, tools })
  const ids = tokenizer.encode(rendered.completion)
  const end = turnEnd(tokenizer, ids)
  return {
    prompt: tokenizer.encode(rendered.prompt),
    completion: end === undefined ? ended(tokenizer, ids) : ids.slice(0, end),
  }
}

/** A text learnt whole up to its end of text, or a conversation of which the assistant's turns are learnt. */
export function encodeText(
  { tokenizer, template }: Encoder,
  text: TextOrChat,
  tools?: readonly object[],
): MaskedTokens {
  if (isMessages(text)) return encodeConversation({ tokenizer, template: needed(template) }, text, tools)
  const ids = ended(tokenizer, promptTokens(text as string, tokenizer))
  return { ids, learnt: ids.map((_, i) => i > 0) }
}

/** One prompt and completion for every run of learnt tokens. */
export function completionsOf({ ids, learnt }: MaskedTokens): EncodedCompletion[] {
  const found: EncodedCompletion[] = []
  for (let start = learnt.indexOf(true); start >= 0; ) {
    const stop = learnt.indexOf(false, start)
    const end = stop < 0 ? ids.length : stop
    found.push({ prompt: ids.slice(0, start), completion: ids.slice(start, end) })
    start = learnt.indexOf(true, end)
  }
  return found
}

/** A row of tokens with its name: what a trainer sees of an example. */
export interface EncodedRow extends MaskedTokens {
  readonly name: string
}

/** All rows of tokens of an example: one, or one for each completion of a preference. */
export function encodeExample(encoder: Encoder, example: Example): EncodedRow[] {
  const { tools } = example
  const row = (name: string, prompt: TextOrChat, completion: TextOrChat): EncodedRow => {
    const encoded = encodeCompletion(encoder, { prompt, completion, tools })
    return { name, ...masked(encoded) }
  }
  switch (example.type) {
    case 'language-modeling':
      return [
        { name: isMessages(example.text) ? 'messages' : 'text', ...encodeText(encoder, example.text, tools) },
      ]
    case 'prompt-only': {
      const ids = encodePrompt(encoder, example.prompt, tools)
      return [{ name: 'prompt', ids, learnt: ids.map(() => false) }]
    }
    case 'prompt-completion':
      return [row('completion', example.prompt, example.completion)]
    case 'preference':
      return example.completions.map((completion, i) =>
        row(preferenceName(i, example.completions.length), example.prompt, completion),
      )
    case 'unpaired-preference':
      return [row(example.label ? 'liked' : 'disliked', example.prompt, example.completion)]
    case 'stepwise-supervision':
      return [stepwise(encoder, example.prompt, example.steps)]
  }
}

function preferenceName(index: number, count: number): string {
  if (count === 2) return index === 0 ? 'chosen' : 'rejected'
  return `rank ${index + 1}`
}

/** Steps with a new line after each, whose last token carries the label. */
function stepwise({ tokenizer }: Encoder, prompt: TextOrChat, steps: readonly string[]): EncodedRow {
  if (typeof prompt !== 'string')
    throw new Error('stepwise supervision of conversations is not supported; give the prompt as text')
  const before = promptTokens(prompt, tokenizer)
  const parts = steps.map((step) => tokenizer.encode(`${step}\n`))
  return {
    name: 'steps',
    ids: [...before, ...parts.flat()],
    learnt: [
      ...before.map(() => false),
      ...parts.flatMap((part) => part.map((_, i) => i === part.length - 1)),
    ],
  }
}

function masked({ prompt, completion }: EncodedCompletion): MaskedTokens {
  return {
    ids: [...prompt, ...completion],
    learnt: [...prompt.map(() => false), ...completion.map(() => true)],
  }
}

function ended({ endOfText, endsOfText }: Tokenizer, ids: readonly number[]): readonly number[] {
  return endOfText === undefined || endsOfText.includes(ids.at(-1)!) ? ids : [...ids, endOfText]
}

function needed(template: ChatTemplate | undefined): ChatTemplate {
  if (template) return template
  throw new Error(
    'these are messages, but the model has no chat template; add chat_template to its tokenizer_config.json (or a chat_template.jinja beside it), or give plain texts',
  )
}
