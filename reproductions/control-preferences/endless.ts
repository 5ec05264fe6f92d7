import {
  checked,
  type Environment,
  type EnvironmentMaker,
  makeEnvironment,
  mujocoEnvironment,
  type mujocoTasks,
  timeLimit,
} from '@attune/control'

type Task = ReturnType<typeof mujocoTasks.hopper>

/**
 * A MuJoCo task whose episodes all have the same length: where it would end it goes on, and every such step loses the point for being upright. An
 * end tells the agent about the task what the labels are to tell (Christiano et al. 2017, appendix A). A body that lies seldom
 * gets up again, so that `steps` also says how much of a rollout shows anything else.
 */
export function withoutEnds(task: Task, steps: number): EnvironmentMaker {
  const play: Task['play'] = (simulation, action) => {
    const { reward, terminated, info } = task.play(simulation, action)
    return { reward: terminated ? reward - 1 : reward, terminated: false, info }
  }
  return async () => checked(timeLimit(await mujocoEnvironment({ ...task, play }), steps))
}

/** A game that is begun again in the same episode whenever it is over; `info.over` counts the games. */
export function gameAfterGame(id: string, steps: number): EnvironmentMaker {
  return async () => {
    const game = await makeEnvironment(id, { maxSteps: Number.MAX_SAFE_INTEGER })
    const going: Environment = {
      ...game,
      step: (action) => {
        const result = game.step(action)
        if (!result.terminated) return result
        return { ...result, observation: game.reset(), terminated: false, info: { over: 1 } }
      },
    }
    return timeLimit(going, steps)
  }
}
