/** What to generate. */
export interface GenerateOptions {
  readonly maxNewTokens: number
  readonly minNewTokens?: number
  /** 0 is greedy; default 1. */
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  /** The token that ends a completion, or all that do. */
  readonly endOfText?: number | readonly number[] | undefined
  /** Ends a completion when its tokens so far satisfy it (stop strings are tested on decoded text). */
  readonly stop?: (tokens: readonly number[]) => boolean
  readonly seed?: number
  /** How many of the likeliest tokens of each place are told of; default 0. */
  readonly topLogprobs?: number
}

/** The tokens that end a completion. */
export function endsOf({ endOfText }: Pick<GenerateOptions, 'endOfText'>): readonly number[] {
  return endOfText === undefined ? [] : [endOfText].flat()
}

/** A token with its log-probability under the whole distribution at the temperature. */
export interface TokenLogprob {
  readonly token: number
  readonly logprob: number
}

/** A token that a row has just drawn. */
export interface DrawnToken extends TokenLogprob {
  readonly row: number
  /** The likeliest tokens of this place, the likeliest first, `topLogprobs` of them. */
  readonly top: readonly TokenLogprob[]
  /** Set with a row's last token. */
  readonly finishReason: Completion['finishReason'] | undefined
}

/** A generated completion; log-probabilities and entropies are those of the whole distribution at the temperature (1 when greedy). */
export interface Completion {
  readonly tokens: readonly number[]
  readonly logprobs: readonly number[]
  readonly entropies: readonly number[]
  /** 'stop': ended with the end-of-text token (which is the last token) or a stop string; 'length': cut. */
  readonly finishReason: 'stop' | 'length'
}
