import { bounded } from '../bounded.ts'
import type { Task } from './task.ts'
import { hopper } from './tasks.ts'

/**
 * Hopper that may turn over: what Christiano et al. (2017, §3.2) taught from comparisons. Nothing ends the episode. The reward is a
 * backflip score for simulated annotators, which an agent that learns from comparisons never sees: radians turned backwards further
 * than ever in the episode, so that rocking to and fro is worth nothing, each weighted with the torso's height above 0.5 m up to 1, so
 * that rolling on the ground is not either. `info.turned` is the angle turned backwards since the start, in radians. Angles are
 * observed as sine and cosine.
 */
export function hopperBackflip(): Task {
  const { play, ...rest } = hopper(4)
  return {
    ...rest,
    id: 'HopperBackflip-v0',
    // one number that MuJoCo keeps beside the physics: the furthest turn so far
    xml: rest.xml.replace('<option', '<size nuserdata="1"/>\n  <option'),
    observe: ({ data: { qpos, qvel } }) => [
      qpos[1]!,
      Math.sin(qpos[2]!),
      Math.cos(qpos[2]!),
      ...qpos.subarray(3),
      ...qvel.map((x) => bounded(x, 10)),
    ],
    play: (simulation, action) => {
      play(simulation, action)
      const { qpos, userdata } = simulation.data
      const turned = -qpos[2]!
      const gained = Math.max(0, turned - userdata[0]!)
      userdata[0] = userdata[0]! + gained
      const weight = Math.max(0, Math.min(1, (qpos[1]! - 0.5) / 0.5))
      return { reward: gained * weight, terminated: false, info: { turned, height: qpos[1]! } }
    },
  }
}
