import type { Tokenizer } from '@attune/lm'

/**
 * A prompt as people read it: with the special tokens that tell the turns of a chat apart, without the one that begins a text
 * where it begins no turn.
 */
export function shownPrompt(
  { decode, beginOfText }: Pick<Tokenizer, 'decode' | 'beginOfText'>,
  ids: readonly number[],
): string {
  const begun = ids[0] === beginOfText && !ids.includes(ids[0]!, 1)
  return decode(begun ? ids.slice(1) : ids, { skipSpecialTokens: false })
}
