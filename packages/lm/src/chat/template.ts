import { Template } from '@huggingface/jinja'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import type { ChatMessage } from './message.ts'

/** What else a chat template may read. */
export interface RenderOptions {
  /** End with what opens the assistant's turn, so that a model goes on with the answer. */
  readonly addGenerationPrompt?: boolean
  /** Tools in JSON schema, for templates that know them. */
  readonly tools?: readonly object[] | undefined
}

/** A part of a text: from `start` up to `end`, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A model's way to write a conversation as text. */
export interface ChatTemplate {
  /** Jinja source, as in `tokenizer_config.json` or `chat_template.jinja`. */
  readonly source: string
  /** Does it say with `{% generation %}` what the assistant writes? */
  readonly marksGeneration: boolean
  /** The rendering, and the parts inside `{% generation %}` blocks. */
  readonly render: (
    messages: readonly ChatMessage[],
    options?: RenderOptions,
  ) => { text: string; generated: Span[] }
}

/** Stand-ins for the ends of a `{% generation %}` block while a template renders: private-use characters, taken out again. */
const [open, close] = ['\uf8f0', '\uf8f1']

/** The chat template that a tokenizer's configuration holds; undefined when there is none. Throws when `name` is not among several. */
export function chatTemplateOf(tokenizer: Tokenizer, name = 'default'): ChatTemplate | undefined {
  const { chat_template: found } = tokenizer.config as { chat_template?: unknown }
  if (found === undefined || found === null) return undefined
  const specials = specialTexts(tokenizer.config)
  if (typeof found === 'string') return chatTemplate(found, specials)
  if (!Array.isArray(found)) throw new Error('chat_template is neither a text nor a list of named templates')
  const named = found as { name?: string; template?: string }[]
  const chosen = named.find((entry) => entry.name === name)
  if (typeof chosen?.template !== 'string') {
    const list = named.map((entry) => entry.name).join(', ')
    throw new Error(`chat_template has no template named '${name}'; there are: ${list}`)
  }
  return chatTemplate(chosen.template, specials)
}

/** A chat template from its Jinja source and the texts of the special tokens it names. Throws when it does not parse. */
export function chatTemplate(source: string, specials: Readonly<Record<string, string>> = {}): ChatTemplate {
  const marked = markGeneration(source)
  const parsed = parse(marked)
  return {
    source,
    marksGeneration: marked !== source,
    render: (messages, { addGenerationPrompt = false, tools } = {}) => {
      const variables = {
        ...specials,
        messages,
        add_generation_prompt: addGenerationPrompt,
        tools: tools ?? null,
      }
      return withoutMarks(rendered(parsed, variables))
    },
  }
}

/** The text of a conversation under a model's template. */
export function renderChat(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options?: RenderOptions,
): string {
  return template.render(messages, options).text
}

function parse(source: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    throw new Error(`the chat template cannot be read (${(cause as Error).message})`, { cause })
  }
}

function rendered(template: Template, variables: Record<string, unknown>): string {
  try {
    return template.render(variables)
  } catch (cause) {
    throw new Error(`the chat template refuses this conversation: ${(cause as Error).message}`, { cause })
  }
}

/** Blocks that print their ends; being block tags, they trim white space around them as the original tags do. */
function markGeneration(source: string): string {
  return source.replace(
    /\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g,
    (_, left: string, end: string | undefined, right: string) =>
      `{%${left} if true %}{{ '${end ? close : open}' }}{% endif ${right}%}`,
  )
}

function withoutMarks(marked: string): { text: string; generated: Span[] } {
  const generated: Span[] = []
  let text = ''
  let start = 0
  for (const part of marked.split(new RegExp(`([${open}${close}])`))) {
    if (part === open) start = text.length
    else if (part === close) generated.push({ start, end: text.length })
    else text += part
  }
  return { text, generated }
}

/** `bos_token`, `eos_token` and the like as texts. */
function specialTexts(config: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([field, token]) => {
      if (!field.endsWith('_token')) return []
      const text = typeof token === 'object' && token !== null && 'content' in token ? token.content : token
      return typeof text === 'string' ? [[field, text]] : []
    }),
  )
}
