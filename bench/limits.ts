import type { sizes } from './methods.ts'

/** What the machine gives: floating-point operations and bytes a second. */
export interface Rates {
  readonly flops: number
  readonly bytes: number
}

/** Weights of the blocks, and of the vocabulary's embedding, which the logits are computed with. */
export interface ModelSize {
  readonly blocks: number
  readonly vocabulary: number
}

/**
 * The least seconds of every workload if products ran at the machine's rate, with nothing between them: 2 operations a weight and
 * token forward, 2 back to activations, 2 to weights, of blocks everywhere and of the vocabulary where something is learnt or drawn;
 * and a new token of every row reads all weights once or computes with them, whichever takes longer. Attention, adapters' factors
 * and optimisers are left out.
 */
export function leastSeconds(
  { blocks, vocabulary }: ModelSize,
  { supervised, direct, scoring, generation, online }: typeof sizes,
  { flops, bytes }: Rates,
): Readonly<Record<string, number>> {
  const pass = (factor: number, tokens: number, learnt: number) =>
    (factor * (blocks * tokens + vocabulary * learnt)) / flops
  const drawing = (rows: number, read: number, { prompt, newTokens }: typeof generation) => {
    const step = Math.max((4 * (blocks + vocabulary)) / bytes, pass(2, rows, rows))
    return pass(2, read * prompt, read) + (newTokens - 1) * step
  }
  const trained = supervised.rows * supervised.tokens
  const answers = direct.pairs * 2 * (direct.completion + 1)
  const pairTokens = direct.pairs * direct.prompt + answers
  const rows = online.prompts * online.group
  const drawn = rows * online.newTokens
  const grouped = online.prompts * online.prompt + drawn
  const apart = rows * online.prompt + drawn
  return {
    supervised: pass(6, trained, trained),
    direct: pass(2, pairTokens, answers) + pass(4, pairTokens, answers),
    scoring: pass(2, scoring.rows * scoring.tokens, 0),
    'generation-1': drawing(1, 1, generation),
    'generation-16': drawing(16, 16, generation),
    // drawn; reference; policy
    grpo: drawing(rows, online.prompts, online) + pass(2, grouped, drawn) + pass(4, grouped, drawn),
    // drawn; reward and values; reference; policy; critic
    ppo:
      drawing(rows, rows, online) +
      pass(4, apart, 0) +
      pass(2, apart, drawn) +
      pass(4, apart, drawn) +
      pass(6, apart, 0),
  }
}
