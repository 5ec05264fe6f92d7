import { mean } from '@attune/feedback'
import type { SequenceScores } from '../rollout/reference.ts'
import type { Sequence } from '../rollout/sequences.ts'

/** The scalar that implicit rewards of a batch are compared with, a constant to the gradient. */
export interface ReferencePoint {
  /** Its name among the metrics, if it is measured. */
  readonly name?: 'kl' | 'delta'
  readonly of: (
    rows: readonly Sequence[],
    scores: {
      readonly policy: SequenceScores
      readonly reference: SequenceScores
      /** Most tokens of a prompt with a completion. */
      readonly maxLength: number
    },
  ) => Promise<number>
  /** What must be saved to go on. */
  readonly state: () => Record<string, number>
  readonly restore: (state: Readonly<Record<string, number>>) => void
}

/**
 * z₀ = max(0, E log π(y′|x)/π_ref(y′|x)), y′ the completion of the batch's next row, cut where it does not fit behind x (KTO,
 * Ethayarajh et al. 2024).
 */
export const mismatchedKl: ReferencePoint = {
  name: 'kl',
  of: async (rows, { policy, reference, maxLength }) => {
    if (rows.length < 2)
      throw new RangeError(
        `the batch has ${rows.length} row: the KL estimate mixes completions, which needs 2 or more`,
      )
    const others = rows.map(({ prompt }, row) => ({
      prompt,
      completion: rows[(row + 1) % rows.length]!.completion.slice(0, maxLength - prompt.length),
    }))
    const [ours, theirs] = [await policy(others), await reference(others)]
    return Math.max(0, mean(ours.map((logp, row) => logp - theirs[row]!)))
  },
  state: () => ({}),
  restore: () => {},
}

/** Nothing to compare with: 0 (APO-zero). */
export const noPoint: ReferencePoint = {
  of: async () => 0,
  state: () => ({}),
  restore: () => {},
}

/** δ, the mean of all implicit rewards β·log π/π_ref so far, this batch's among them (BCO, Jung et al. 2024, reward shift). */
export function runningRewardMean(beta: number): ReferencePoint {
  let [total, count] = [0, 0]
  return {
    name: 'delta',
    of: async (rows, { policy, reference }) => {
      const [ours, theirs] = [await policy(rows), await reference(rows)]
      total += ours.reduce((sum, logp, row) => sum + beta * (logp - theirs[row]!), 0)
      count += rows.length
      return total / count
    },
    state: () => ({ total, count }),
    restore: (state) => {
      total = state.total ?? 0
      count = state.count ?? 0
    },
  }
}
