import type { Action, Environment } from './environment.ts'
import { type Space, spaceSize } from './space.ts'

/** An environment that throws, naming itself, the step and the value, at what is not a finite number or not an action. */
export function checked(environment: Environment): Environment {
  let [episode, step] = [0, 0]
  const place = () => `${environment.id}, step ${step} of episode ${episode}`
  const checkObservation = (observation: Float32Array): Float32Array => {
    const expected = spaceSize(environment.observationSpace)
    if (observation.length !== expected)
      throw new RangeError(
        `${place()}: the observation has ${observation.length} numbers, expected ${expected}`,
      )
    for (let i = 0; i < observation.length; i++)
      if (!Number.isFinite(observation[i]))
        throw new RangeError(
          `${place()}: observation[${i}] is ${observation[i]}; the environment has become unstable or is wrong`,
        )
    return observation
  }
  return {
    ...environment,
    reset: (seed) => {
      episode++
      step = 0
      return checkObservation(environment.reset(seed))
    },
    step: (action) => {
      if (episode === 0) throw new Error(`${environment.id}: step before the first reset`)
      step++
      const problem = actionProblem(action, environment.actionSpace)
      if (problem) throw new RangeError(`${place()}: ${problem}`)
      const result = environment.step(action)
      checkObservation(result.observation)
      if (!Number.isFinite(result.reward))
        throw new RangeError(
          `${place()}: the reward is ${result.reward}; the environment has become unstable or is wrong`,
        )
      return result
    },
    ...(environment.restore && {
      restore: (state, future) => {
        episode = Math.max(episode, 1)
        environment.restore!(state, future)
      },
    }),
  }
}

function actionProblem(action: Action, space: Space): string | undefined {
  if (space.kind === 'discrete') {
    const fits = typeof action === 'number' && Number.isInteger(action) && action >= 0 && action < space.n
    return fits ? undefined : `the action is ${action}, expected a whole number from 0 to ${space.n - 1}`
  }
  const size = spaceSize(space)
  if (typeof action === 'number' || action.length !== size)
    return `the action has ${typeof action === 'number' ? 'no' : action.length} elements, expected ${size} numbers`
  const at = action.findIndex((number) => !Number.isFinite(number))
  return at < 0 ? undefined : `action[${at}] is ${action[at]}, expected a finite number`
}
