import { alignTokens } from '../tokenizer/align.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { assistantParts } from './assistant.ts'
import type { ChatMessage } from './message.ts'
import type { ChatTemplate, Span } from './template.ts'

/** Token ids, and which of them are learnt. */
export interface MaskedTokens {
  readonly ids: readonly number[]
  readonly learnt: readonly boolean[]
}

/** Tokenises a rendered conversation, once, and marks what the assistant wrote, up to the token that ends each turn. */
export function encodeConversation(
  { tokenizer, template }: { tokenizer: Tokenizer; template: ChatTemplate },
  messages: readonly ChatMessage[],
  tools?: readonly object[],
): MaskedTokens {
  const { text, parts } = assistantParts(template, messages, { tools })
  return encodeParts(tokenizer, text, parts)
}

/** Tokenises a text once; a token is learnt when it overlaps one of the parts. White space behind a part's last special token is not, unless `keepTail`. */
export function encodeParts(
  tokenizer: Tokenizer,
  text: string,
  parts: readonly Span[],
  { keepTail = false } = {},
): MaskedTokens {
  const ids = tokenizer.encode(text)
  const places = alignTokens(text, ids, tokenizer.tokenBytes)
  const learnt = new Array<boolean>(ids.length).fill(false)
  const byteAt = (position: number) => new TextEncoder().encode(text.slice(0, position)).length
  for (const part of parts) {
    const [start, end] = [byteAt(part.start), byteAt(part.end)]
    const inside = [...places.keys()].filter((i) => places[i]!.end > start && places[i]!.start < end)
    for (const i of keepTail ? inside : withoutTail(tokenizer, { ids, inside })) learnt[i] = true
  }
  return { ids, learnt }
}

/** Leaves out white space that follows the special token which ends a turn. */
function withoutTail(
  tokenizer: Tokenizer,
  { ids, inside }: { ids: readonly number[]; inside: readonly number[] },
): readonly number[] {
  const ends = turnEnd(
    tokenizer,
    inside.map((i) => ids[i]!),
  )
  return ends === undefined ? inside : inside.slice(0, ends)
}

/** Tokens up to and with the last special one, when only white space follows it; undefined when there is none. */
export function turnEnd(tokenizer: Tokenizer, ids: readonly number[]): number | undefined {
  const last = ids.findLastIndex((id) => tokenizer.isSpecial(id))
  if (last < 0 || tokenizer.decode(ids.slice(last + 1)).trim() !== '') return undefined
  return last + 1
}
