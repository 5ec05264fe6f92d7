import type { Tokenizer } from '@attune/lm'

/** A prompt as people read it: with its special tokens, which tell the turns of a chat apart. */
export function shownPrompt({ decode }: Pick<Tokenizer, 'decode'>, ids: readonly number[]): string {
  return decode(ids, { skipSpecialTokens: false })
}
