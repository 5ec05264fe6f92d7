import type { Tokenizer } from '@attune/lm'

/** A prompt as people read it: with the special tokens that tell the turns of a chat apart, without the one that begins a text. */
export function shownPrompt(
  { decode, beginOfText }: Pick<Tokenizer, 'decode' | 'beginOfText'>,
  ids: readonly number[],
): string {
  return decode(ids[0] === beginOfText ? ids.slice(1) : ids, { skipSpecialTokens: false })
}
