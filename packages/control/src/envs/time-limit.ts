import type { Environment } from './environment.ts'

/** Truncates episodes at `steps` steps, as Gymnasium's TimeLimit does (also when they are terminated there). */
export function timeLimit(environment: Environment, steps: number): Environment {
  const { id } = environment
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new RangeError(`${id}: the time limit is ${steps} steps, expected a whole number from 1`)
  let elapsed = 0
  return {
    ...environment,
    reset: (seed) => {
      elapsed = 0
      return environment.reset(seed)
    },
    step: (action) => {
      const result = environment.step(action)
      elapsed++
      return elapsed >= steps ? { ...result, truncated: true } : result
    },
    ...(environment.state && { state: () => ({ ...environment.state!(), elapsed }) }),
    ...(environment.restore && {
      // `elapsed` goes on to the environment: there may be another time limit around it.
      restore: (state, future) => {
        if (typeof state.elapsed !== 'number')
          throw new TypeError(
            `${id}: the saved state's 'elapsed' is ${state.elapsed}, expected a number of steps`,
          )
        environment.restore!(state, future)
        elapsed = state.elapsed
      },
    }),
  }
}
