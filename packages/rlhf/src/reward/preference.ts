import type { Judged, Reward } from './reward.ts'

/** P(a ≻ b) for completions a and b of the same prompts, side by side; a judge, a reward model, a person. */
export type Preference = (
  a: readonly Judged[],
  b: readonly Judged[],
) => Promise<readonly number[]> | readonly number[]

/** σ(a − b): how likely a completion of score a is preferred to one of score b. */
export function bradleyTerry(a: number, b: number): number {
  return 1 / (1 + Math.exp(b - a))
}

/** σ(r(a) − r(b)): the preference that a reward stands for (Bradley–Terry). */
export function preferenceOf(reward: Reward): Preference {
  return async (a, b) => {
    const scores = await reward([...a, ...b])
    return a.map((_, row) => bradleyTerry(scores[row]!, scores[row + a.length]!))
  }
}
