import type { Random } from '@attune/grad'
import type { Environment } from '../envs/environment.ts'
import type { StateActionFeatures } from './features.ts'

/** An environment and w·φ(s, a) over its actions; `weights` change in place where they are learnt. */
export interface LinearRun {
  readonly environment: Environment
  readonly features: StateActionFeatures
  readonly weights: Float32Array
}

/** Throws unless every action of the environment has features, and every feature a weight. */
export function checkLinearRun({ environment: { id, actionSpace }, features, weights }: LinearRun): void {
  if (actionSpace.kind !== 'discrete')
    throw new TypeError(`${id}: every action is compared, which needs discrete ones`)
  if (features.actions !== actionSpace.n)
    throw new RangeError(`${id} has ${actionSpace.n} actions, the features have ${features.actions}`)
  if (weights.length !== features.size)
    throw new RangeError(`${id}: there are ${weights.length} weights for ${features.size} features`)
}

/** The action of highest value w·φ(s, a); ties are broken at random. Throws when a value is not finite. */
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
    if (!Number.isFinite(value))
      throw new RangeError(
        `the value of action ${action} is ${value}, expected a finite number: weights or features are not finite`,
      )
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
