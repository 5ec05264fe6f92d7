import type { Task } from './task.ts'
import { hopper } from './tasks.ts'

/**
 * Hopper that may turn over: what Christiano et al. (2017, §3.2) taught from comparisons. Nothing ends the episode. The reward is a
 * backflip score for simulated annotators, which an agent that learns from comparisons never sees: radians turned backwards, each
 * weighted with the torso's height above 0.5 m up to 1, so that rolling on the ground is worth nothing. `info.turned` is the angle
 * turned backwards since the start, in radians. Angles are observed as sine and cosine.
 */
export function hopperBackflip(): Task {
  const { play, ...rest } = hopper(4)
  return {
    ...rest,
    id: 'HopperBackflip-v0',
    observe: ({ data: { qpos, qvel } }) => [
      qpos[1]!,
      Math.sin(qpos[2]!),
      Math.cos(qpos[2]!),
      ...qpos.subarray(3),
      ...qvel.map((x) => Math.max(-10, Math.min(10, x))),
    ],
    play: (simulation, action) => {
      const before = simulation.data.qpos[2]!
      play(simulation, action)
      const { qpos } = simulation.data
      const turned = before - qpos[2]!
      const weight = Math.max(0, Math.min(1, (qpos[1]! - 0.5) / 0.5))
      return {
        reward: turned * weight,
        terminated: false,
        info: { turned: -qpos[2]!, height: qpos[1]! },
      }
    },
  }
}
