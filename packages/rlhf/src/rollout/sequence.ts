/** A prompt with a completion, as token ids; tokenised once, never again. */
export interface Sequence {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
  /** How much each token of the completion counts in sums of log-probabilities; 1 without it. */
  readonly tokenWeights?: readonly number[] | undefined
}

/** Tokens of a prompt with its completion. */
export function lengthOf({ prompt, completion }: Sequence): number {
  return prompt.length + completion.length
}
