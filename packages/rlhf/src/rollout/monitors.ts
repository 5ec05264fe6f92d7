import type { Completion } from '@attune/lm'

/** What tells of reward hacking in sampled completions: lengths, share cut, entropy, distinct pairs and repetition of tokens. */
export function completionMetrics(completions: readonly Completion[]): Record<string, number> {
  const lengths = completions.map(({ tokens }) => tokens.length)
  const ended = completions.filter(({ finishReason }) => finishReason === 'stop')
  return {
    'completions/mean_length': mean(lengths),
    'completions/min_length': Math.min(...lengths),
    'completions/max_length': Math.max(...lengths),
    'completions/mean_terminated_length': mean(ended.map(({ tokens }) => tokens.length)),
    'completions/clipped_ratio': 1 - ended.length / completions.length,
    'completions/distinct_2': distinct(completions.flatMap(({ tokens }) => grams(tokens, 2))),
    'completions/repetition_4': mean(completions.map(({ tokens }) => 1 - distinct(grams(tokens, 4)))),
    entropy: mean(completions.flatMap(({ entropies }) => entropies)),
  }
}

/** Runs of n tokens. */
function grams(tokens: readonly number[], n: number): string[] {
  return tokens.slice(n - 1).map((_, start) => tokens.slice(start, start + n).join(' '))
}

/** Share of different ones; 1 when there is none. */
function distinct(items: readonly string[]): number {
  return items.length === 0 ? 1 : new Set(items).size / items.length
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length
}
