import {
  box,
  type Environment,
  radialFeatures,
  type StateActionFeatures,
  wellFeatures,
} from '@attune/control'
import { UserError } from '../../errors.ts'
import type { TamerRecipe } from './recipe.ts'

const mostWeights = 1_000_000

/** The features that a recipe names. Throws when TAMER cannot work on the environment. */
export function featuresOf(
  { features, environment: name }: TamerRecipe,
  { observationSpace, actionSpace }: Environment,
): StateActionFeatures {
  if (actionSpace.kind !== 'discrete')
    throw new UserError(`${name}: TAMER compares every action, which needs discrete ones`)
  if (features.kind === 'well') return wellFeatures
  const { low = [...observationSpace.low], high = [...observationSpace.high], per_side } = features
  const size = observationSpace.low.length
  for (const [field, values] of Object.entries({ low, high }))
    if (values.length !== size)
      throw new UserError(`features.${field} has ${values.length} numbers, ${name} observes ${size}`)
  const at = low.findIndex((bound, i) => !(bound < high[i]! && Number.isFinite(high[i]! - bound)))
  if (at >= 0)
    throw new UserError(
      `observation[${at}] of ${name} lies from ${low[at]} to ${high[at]}: give finite features.low and features.high`,
    )
  const weights = per_side ** size * actionSpace.n
  if (weights > mostWeights)
    throw new UserError(
      `${name} observes ${size} numbers: bumps ${per_side} to a side would be ${weights.toPrecision(2)} weights, more than ${mostWeights}; TAMER here is for tasks of few numbers`,
    )
  const bounded = { ...box([size], 0, 1), low: Float32Array.from(low), high: Float32Array.from(high) }
  return radialFeatures(bounded, actionSpace.n, per_side)
}

const names: Readonly<Record<string, readonly string[]>> = {
  'MountainCar-v0': ['push left', 'coast', 'push right'],
  'CartPole-v1': ['push left', 'push right'],
  'Acrobot-v1': ['turn one way', 'let go', 'turn the other way'],
}

/** What people call the actions of an environment. */
export function actionNames(environment: string, count: number): readonly string[] {
  const placement = (action: number) =>
    `column ${1 + (action % 10)}${['', ', a quarter turn', ', half a turn', ', three quarters'][Math.floor(action / 10)]}`
  return (
    names[environment] ??
    Array.from({ length: count }, (_, i) => (environment === 'Tetris' ? placement(i) : `action ${i}`))
  )
}
