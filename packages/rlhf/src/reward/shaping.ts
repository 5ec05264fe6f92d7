/** One thought in `<think>` tags, and an answer behind it (DeepSeek-R1 2025, format rewards). */
export const thinkFormat = /^<think>(?:(?!<\/?think>)[\s\S])*<\/think>(?:(?!<\/?think>)[\s\S])*$/

/** 1 where a text has the form of a pattern, else 0. */
export function formatReward(pattern: RegExp = thinkFormat): (text: string) => number {
  return (text) => (new RegExp(pattern.source, pattern.flags.replace('g', '')).test(text) ? 1 : 0)
}

/** Down to `most` (below 0) by the share of runs of n words that are repeats (Yeo et al. 2025, repetition penalty). */
export function repetitionPenalty({ size = 3, most = -1 } = {}): (text: string) => number {
  return (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const runs = words.slice(size - 1).map((_, start) => words.slice(start, start + size).join(' '))
    return runs.length === 0 ? 0 : (1 - new Set(runs).size / runs.length) * most
  }
}

/** 0 up to most − buffer tokens, then linearly down to −1 at `most`, and −1 beyond (DAPO, Yu et al. 2025, eq. 13). */
export function softOverlong({ most, buffer }: { most: number; buffer: number }): (tokens: number) => number {
  return (tokens) => {
    if (tokens <= most - buffer) return 0
    return tokens <= most ? (most - buffer - tokens) / buffer : -1
  }
}

/** Rewards at the shortest and the longest completion. */
export interface CosineBounds {
  readonly short: number
  readonly long: number
}

/** From `short` to `long` along half a cosine of the length: right answers better short, wrong ones better long (Yeo et al. 2025, cosine reward). */
export function cosineLength({
  most,
  right = { short: 1, long: 0.5 },
  wrong = { short: -1, long: -0.5 },
}: {
  readonly most: number
  readonly right?: CosineBounds
  readonly wrong?: CosineBounds
}): (correct: boolean, tokens: number) => number {
  return (correct, tokens) => {
    const { short, long } = correct ? right : wrong
    const share = Math.min(tokens / most, 1)
    return long + 0.5 * (short - long) * (1 + Math.cos(Math.PI * share))
  }
}
