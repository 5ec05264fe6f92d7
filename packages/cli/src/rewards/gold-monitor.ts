import { mean } from '@attune/feedback'
import type { Model } from '@attune/lm'
import type { Reward } from '@attune/rlhf'
import { type GoldName, goldScores } from '../gold/gold.ts'

/** A reward beside which a gold score is watched. */
export interface MonitoredReward {
  readonly reward: Reward
  /** Mean gold score of what was judged since the last observation, and how well the reward orders it as the gold does. */
  readonly observe: () => Record<string, number>
}

/** The reward as it is, with the gold score of what it last judged; a proxy that parts from its gold is being hacked. */
export function monitoredReward(
  reward: Reward,
  { policy, gold: name }: { policy: Model; gold: GoldName | undefined },
): MonitoredReward {
  if (!name) return { reward, observe: () => ({}) }
  const gold = goldScores[name]
  let judged: { readonly scores: readonly number[]; readonly golds: readonly number[] }[] = []
  return {
    reward: async (samples) => {
      const scores = await reward(samples)
      const golds = samples.map(({ completion }) => gold(policy.tokenizer.decode(completion)))
      judged.push({ scores, golds })
      return scores
    },
    observe: (): Record<string, number> => {
      const [scores, golds] = [judged.flatMap((each) => each.scores), judged.flatMap((each) => each.golds)]
      judged = []
      return golds.length === 0
        ? {}
        : { 'gold/score': mean(golds), 'gold/correlation': correlation(scores, golds) }
    },
  }
}

/** Pearson's correlation; 0 where either side is constant. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [mean(x), mean(y)]
  const products = x.reduce((sum, value, i) => sum + (value - a) * (y[i]! - b), 0)
  const squares = (values: readonly number[], center: number) =>
    values.reduce((sum, value) => sum + (value - center) ** 2, 0)
  const scale = Math.sqrt(squares(x, a) * squares(y, b))
  return scale === 0 ? 0 : products / scale
}
