import { generalisedAdvantages, whiten } from './gae.ts'

/** What advantages of tokens are made of: a score a sequence, a penalty a token, and where tokens were drawn; arrays are [B, T]. */
export interface TokenRewards {
  readonly scores: readonly number[]
  /** −β·(log π_old − log π_ref); zeros without a penalty. */
  readonly penalties: Float32Array
  readonly mask: Float32Array
  readonly time: number
}

/** An advantage [B, T] for every token, where a `GroupAdvantage` has one for all tokens of a sequence. */
export interface TokenAdvantage {
  readonly perToken: (rewards: TokenRewards) => Float32Array
}

/** A_t = r − β·Σ_{i ≥ t} (log π_old − log π_ref)_i, standardised over the tokens of the batch: REINFORCE++ (Hu 2025). */
export const rewardToGo: TokenAdvantage = {
  perToken: ({ scores, penalties, mask, time }) => {
    const values = new Float32Array(mask.length)
    const { returns } = generalisedAdvantages(
      { rewards: penalties, values, mask, time },
      { gamma: 1, lambda: 1 },
    )
    return whiten(
      returns.map((sum, i) => sum + scores[Math.floor(i / time)]!),
      mask,
    )
  },
}
