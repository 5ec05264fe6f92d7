import { mean } from '@attune/feedback'
import type { Judged, Reward } from './reward.ts'

/**
 * Llama 2's reward (Touvron et al. 2023, iterative fine-tuning): the safety model's score where the prompt is about safety or σ(safety) is below
 * the threshold, else the helpfulness model's. Both models give logits, which undo the paper's sigmoid; PPO takes it `whitenedReward`.
 */
export function safetyGated({
  helpfulness,
  safety,
  threshold = 0.15,
  isSafetyPrompt = () => false,
}: {
  readonly helpfulness: Reward
  readonly safety: Reward
  readonly threshold?: number
  readonly isSafetyPrompt?: (sample: Judged) => boolean
}): Reward {
  const bound = Math.log(threshold / (1 - threshold))
  return async (samples) => {
    const [helpful, safe] = [await helpfulness(samples), await safety(samples)]
    return samples.map((sample, row) =>
      isSafetyPrompt(sample) || safe[row]! < bound ? safe[row]! : helpful[row]!,
    )
  }
}

/** (r − mean)/deviation over each call's samples: for trainers that ask once a batch, since scores of two calls do not compare. */
export function whitenedReward(reward: Reward): Reward {
  return async (samples) => whitened(await reward(samples))
}

/** (x − mean)/deviation over a batch; zeros where all are equal. */
export function whitened(scores: readonly number[]): number[] {
  const average = mean(scores)
  const deviation = Math.sqrt(mean(scores.map((score) => (score - average) ** 2)))
  return scores.map((score) => (deviation === 0 ? 0 : (score - average) / deviation))
}
