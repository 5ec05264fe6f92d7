import type { Random } from '@attune/grad'
import type { StateActionFeatures } from './features.ts'

/** The action of highest value w·φ(s, a); ties are broken at random. */
export function greedyAction(
  weights: Float32Array,
  {
    observation,
    features,
    random,
  }: { observation: Float32Array; features: StateActionFeatures; random: Random },
): number {
  let best: number[] = []
  let highest = -Infinity
  for (let action = 0; action < features.actions; action++) {
    const value = dot(weights, features.of(observation, action))
    if (value > highest) {
      highest = value
      best = [action]
    } else if (value === highest) best.push(action)
  }
  return best.length === 1 ? best[0]! : best[random.int(best.length)]!
}

/** w·φ. */
export function dot(weights: Float32Array, features: Float32Array): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!
  return sum
}

/** w ← w + rate·φ. */
export function addScaled(weights: Float32Array, features: Float32Array, rate: number): void {
  for (let i = 0; i < weights.length; i++) weights[i]! += rate * features[i]!
}
