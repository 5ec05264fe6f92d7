/** A prompt with a completion, as token ids; tokenised once, never again. */
export interface Sequence {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
}

/** Tokens of a prompt with its completion. */
export function lengthOf({ prompt, completion }: Sequence): number {
  return prompt.length + completion.length
}
