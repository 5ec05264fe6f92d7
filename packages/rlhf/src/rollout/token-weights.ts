import type { Sequence } from './sequences.ts'

/**
 * LD-DPO: tokens behind the length that both completions share count α times, for policy and reference alike, so that length
 * alone moves the loss less (Liu et al. 2024). α = 1 is plain DPO, 0 drops the tail.
 */
export function lengthDesensitised(
  alpha: number,
): (pair: readonly [Sequence, Sequence]) => [Sequence, Sequence] {
  return ([chosen, rejected]) => {
    const shared = Math.min(chosen.completion.length, rejected.completion.length)
    const weighed = (sequence: Sequence): Sequence => ({
      ...sequence,
      tokenWeights: sequence.completion.map((_, t) => (t < shared ? 1 : alpha)),
    })
    return [weighed(chosen), weighed(rejected)]
  }
}
