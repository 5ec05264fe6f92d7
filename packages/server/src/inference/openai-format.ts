import type { TokenEvent } from './messages.ts'

/** What a completion's row has become. */
export interface RowResult {
  readonly text: string
  readonly finishReason: 'stop' | 'length' | null
  readonly tokens: readonly TokenEvent[]
}

/** A row with one more token. */
export function withToken(row: RowResult, event: TokenEvent): RowResult {
  return {
    text: row.text + event.text,
    finishReason: event.finishReason ?? null,
    tokens: [...row.tokens, event],
  }
}

/** OpenAI's `usage`. */
export function usageOf(promptTokens: readonly number[], rows: readonly RowResult[]) {
  const prompt = promptTokens.reduce((a, b) => a + b, 0)
  const completion = rows.reduce((sum, { tokens }) => sum + tokens.length, 0)
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

/** OpenAI's `logprobs` of chat completions. */
export function chatLogprobs(tokens: readonly TokenEvent[], top: number) {
  return {
    content: tokens.map(({ token, bytes, logprob, top: likeliest }) => ({
      token,
      bytes: [...bytes],
      logprob: finite(logprob),
      top_logprobs: likeliest
        .slice(0, top)
        .map((entry) => ({ token: entry.text, bytes: [...entry.bytes], logprob: finite(entry.logprob) })),
    })),
    refusal: null,
  }
}

/** OpenAI's `logprobs` of plain completions; `offset` is the length of the text before. */
export function plainLogprobs(
  tokens: readonly TokenEvent[],
  { top, offset }: { top: number; offset: number },
) {
  let place = offset
  const offsets = tokens.map(({ token }) => {
    const start = place
    place += token.length
    return start
  })
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => finite(logprob)),
    text_offset: offsets,
    top_logprobs:
      top === 0
        ? null
        : tokens.map(({ top: likeliest }) =>
            Object.fromEntries(likeliest.slice(0, top).map(({ text, logprob }) => [text, finite(logprob)])),
          ),
  }
}

/** JSON has no −∞; OpenAI writes −9999 for what is as good as impossible. */
function finite(logprob: number): number {
  return Number.isFinite(logprob) ? logprob : -9999
}
