import { mean, standardDeviation } from '@attune/feedback'
import type { Reward } from './reward.ts'

/** One number from what the members of an ensemble say of a completion. */
export type Combination = (scores: readonly number[]) => number

/** The mean of the members. */
export const meanOf: Combination = mean

/** The least of the members: worst-case optimisation (Coste et al. 2023, WCO). */
export const worstOf: Combination = (scores) => Math.min(...scores)

/** mean − λ·variance: uncertainty-weighted optimisation (Coste et al. 2023, UWO). */
export function uncertaintyWeighted(lambda: number): Combination {
  return (scores) => mean(scores) - lambda * variance(scores)
}

/** Several rewards as one, and how far they lay apart in the last batch: the mean of their deviations. */
export function ensembleReward(
  members: readonly Reward[],
  combine: Combination,
): Reward & { readonly disagreement: () => number } {
  let last = 0
  const reward: Reward = async (samples) => {
    const scores: (readonly number[])[] = []
    for (const member of members) scores.push(await member(samples))
    const bySample = samples.map((_, row) => scores.map((each) => each[row]!))
    last = mean(bySample.map((each) => Math.sqrt(variance(each))))
    return bySample.map(combine)
  }
  return Object.assign(reward, { disagreement: () => last })
}

/** Over the members themselves, not estimated: divided by their number. */
function variance(scores: readonly number[]): number {
  return scores.length < 2 ? 0 : standardDeviation(scores) ** 2 * ((scores.length - 1) / scores.length)
}
