/** A completion to be judged: text and tokens. */
export interface Judged {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
}

/** Scores completions; any function will do: a rule, a reward model, a judge, a person. */
export type Reward = (samples: readonly Judged[]) => Promise<readonly number[]> | readonly number[]

/** Σ w_i · r_i: several rewards weighed. */
export function weightedReward(
  parts: readonly { readonly reward: Reward; readonly weight: number }[],
): Reward {
  return async (samples) => {
    const scores = await Promise.all(parts.map(({ reward }) => reward(samples)))
    return samples.map((_, row) =>
      parts.reduce((total, { weight }, i) => total + weight * scores[i]![row]!, 0),
    )
  }
}

/** (r − mean)/deviation: a reward whose mean on the reference policy is 0 (Ziegler et al. 2019). */
export function normalisedReward(
  reward: Reward,
  { mean, deviation }: { mean: number; deviation: number },
): Reward {
  return async (samples) => (await reward(samples)).map((score) => (score - mean) / deviation)
}
