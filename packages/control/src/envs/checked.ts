import type { Action, Environment } from './environment.ts'
import { type Space, spaceSize } from './space.ts'

/**
 * An environment that throws, naming itself, the step and the value, at what is not a finite number or not an action, and at a
 * step outside an episode.
 */
export function checked(environment: Environment): Environment {
  const { id, observationSpace, actionSpace } = environment
  let [episode, step, restored] = [0, 0, false]
  let closed: string | undefined = 'step before the first reset'
  const refuse = (problem: string | undefined) => {
    if (!problem) return
    const since = `${episode > 0 ? ` of episode ${episode}` : ''}${restored ? ' after the restore' : ''}`
    throw new RangeError(`${id}, step ${step}${since}: ${problem}`)
  }
  return {
    ...environment,
    reset: (seed) => {
      episode++
      step = 0
      closed = undefined
      const observation = environment.reset(seed)
      refuse(observationProblem(observation, observationSpace))
      return observation
    },
    step: (action) => {
      if (closed) throw new Error(`${id}: ${closed}`)
      step++
      refuse(actionProblem(action, actionSpace))
      const result = environment.step(action)
      refuse(observationProblem(result.observation, observationSpace))
      if (!Number.isFinite(result.reward)) refuse(`the reward is ${result.reward}; ${unstable}`)
      if (result.terminated || result.truncated) closed = 'step after the end of the episode: call reset'
      return result
    },
    ...(environment.restore && {
      restore: (state, future) => {
        environment.restore!(state, future)
        ;[episode, step, restored, closed] = [0, 0, true, undefined]
      },
    }),
  }
}

const unstable = 'the environment has become unstable or is wrong'

function observationProblem(observation: Float32Array, space: Space): string | undefined {
  const size = spaceSize(space)
  if (observation.length !== size)
    return `the observation has ${observation.length} numbers, expected ${size}`
  for (let i = 0; i < size; i++)
    if (!Number.isFinite(observation[i])) return `observation[${i}] is ${observation[i]}; ${unstable}`
  return undefined
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
