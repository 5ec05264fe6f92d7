import type { Environment } from './environment.ts'

/** Truncates episodes at `steps` steps, as Gymnasium's TimeLimit does (also when they are terminated there). */
export function timeLimit(environment: Environment, steps: number): Environment {
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
      restore: ({ elapsed: saved, ...state }, future) => {
        elapsed = saved as number
        environment.restore!(state, future)
      },
    }),
  }
}
