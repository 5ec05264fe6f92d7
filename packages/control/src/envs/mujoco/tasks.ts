import { bounded } from '../bounded.ts'
import { antModel } from './models/ant.ts'
import { halfCheetahModel } from './models/half-cheetah.ts'
import { hopperModel } from './models/hopper.ts'
import { invertedPendulumModel } from './models/inverted-pendulum.ts'
import { reacherModel } from './models/reacher.ts'
import { swimmerModel } from './models/swimmer.ts'
import { walker2dModel } from './models/walker2d.ts'
import type { Simulation } from './simulation.ts'
import { noisyStart, type Outcome, squares, type Task } from './task.ts'

/** Gymnasium's two versions of its MuJoCo tasks that are here. */
export type Version = 4 | 5

/** Plays the action; returns the root's x after it, and how fast x grew, in metres a second. */
function travel({ data, advance, seconds }: Simulation, action: Float32Array): { x: number; speed: number } {
  const before = data.qpos[0]!
  advance(action)
  const x = data.qpos[0]!
  return { x, speed: (x - before) / seconds }
}

/**
 * Forward speed + 1 while healthy − 0.001 |a|². In version 4 the step that falls has the 1 too; in version 5 it has not.
 */
function upright(version: Version, healthy: (simulation: Simulation) => boolean): Task['play'] {
  return (simulation, action): Outcome => {
    const { x, speed } = travel(simulation, action)
    const fine = healthy(simulation)
    const survive = fine || version === 4 ? 1 : 0
    const control = 1e-3 * squares(action)
    return {
      reward: speed + survive - control,
      terminated: !fine,
      info: {
        x_position: x,
        x_velocity: speed,
        reward_forward: speed,
        reward_ctrl: -control,
        reward_survive: survive,
      },
    }
  }
}

/** All but the root's x, and velocities cut to ±10. */
const positionsAndCutVelocities: Task['observe'] = ({ data }) => [
  ...data.qpos.subarray(1),
  ...data.qvel.map((x) => bounded(x, 10)),
]

/** Hopper: hop forward on one leg; ends when the torso is below 0.7 m or leans by 0.2 rad. */
export function hopper(version: Version): Task {
  return {
    id: `Hopper-v${version}`,
    xml: hopperModel,
    frameSkip: 4,
    view: { from: 'side', width: 3, follow: true, middle: 0.8 },
    start: noisyStart(5e-3),
    observe: positionsAndCutVelocities,
    play: upright(version, ({ data: { qpos, qvel } }) => {
      const within = (x: number) => x > -100 && x < 100
      return (
        qpos[1]! > 0.7 && Math.abs(qpos[2]!) < 0.2 && qpos.subarray(2).every(within) && qvel.every(within)
      )
    }),
  }
}

/** Walker2d: walk forward on two legs; ends outside heights 0.8–2 m or leaning by 1 rad. */
export function walker2d(version: Version): Task {
  return {
    id: `Walker2d-v${version}`,
    xml: walker2dModel(version === 5 ? 1.9 : 0.9),
    frameSkip: 4,
    view: { from: 'side', width: 3, follow: true, middle: 0.8 },
    start: noisyStart(5e-3),
    observe: positionsAndCutVelocities,
    play: upright(version, ({ data: { qpos } }) => qpos[1]! > 0.8 && qpos[1]! < 2 && Math.abs(qpos[2]!) < 1),
  }
}

/** HalfCheetah: forward speed − 0.1 |a|²; it never ends. */
export function halfCheetah(version: Version): Task {
  return {
    id: `HalfCheetah-v${version}`,
    xml: halfCheetahModel,
    frameSkip: 5,
    view: { from: 'side', width: 3, follow: true, middle: 0.6 },
    start: noisyStart(0.1, 'normal'),
    observe: ({ data }) => [...data.qpos.subarray(1), ...data.qvel],
    play: (simulation, action) => {
      const { x, speed } = travel(simulation, action)
      const control = 0.1 * squares(action)
      const info = { x_position: x, x_velocity: speed, reward_forward: speed, reward_ctrl: -control }
      return { reward: speed - control, terminated: false, info }
    },
  }
}

/** Swimmer: speed along x − 0.0001 |a|²; it never ends. */
export function swimmer(version: Version): Task {
  return {
    id: `Swimmer-v${version}`,
    xml: swimmerModel,
    frameSkip: 4,
    view: { from: 'top', width: 6, follow: true },
    start: noisyStart(0.1),
    observe: ({ data }) => [...data.qpos.subarray(2), ...data.qvel],
    play: (simulation, action) => {
      const { x, speed } = travel(simulation, action)
      const control = 1e-4 * squares(action)
      const info = {
        x_position: x,
        y_position: simulation.data.qpos[1]!,
        x_velocity: speed,
        reward_forward: speed,
        reward_ctrl: -control,
      }
      return { reward: speed - control, terminated: false, info }
    },
  }
}

/**
 * Ant: forward speed + 1 while healthy − 0.5 |a|²; ends outside heights 0.2–1 m. Version 5 also observes the forces of
 * contact on its bodies (cut to ±1) and pays 0.0005 of their squares.
 */
export function ant(version: Version): Task {
  const forces = ({ data }: Simulation) => data.cfrc_ext.map((x) => bounded(x, 1))
  return {
    id: `Ant-v${version}`,
    xml: antModel,
    frameSkip: 5,
    contactForces: version === 5,
    view: { from: 'top', width: 4, follow: true },
    start: noisyStart(0.1, 'normal'),
    observe: (simulation) => [
      ...simulation.data.qpos.subarray(2),
      ...simulation.data.qvel,
      ...(version === 5 ? forces(simulation).subarray(6) : []),
    ],
    play: (simulation, action) => {
      const { data, advance, seconds } = simulation
      const before = data.xpos.slice(3, 5)
      advance(action)
      const [x, y] = data.xpos.subarray(3, 5)
      const [speed, aside] = [(x! - before[0]!) / seconds, (y! - before[1]!) / seconds]
      const height = data.qpos[2]!
      const healthy = height >= 0.2 && height <= 1
      const survive = healthy || version === 4 ? 1 : 0
      const control = 0.5 * squares(action)
      const contact = version === 5 ? 5e-4 * forces(simulation).reduce((sum, f) => sum + f * f, 0) : 0
      return {
        reward: speed + survive - control - contact,
        terminated: !healthy,
        info: {
          x_position: data.qpos[0]!,
          y_position: data.qpos[1]!,
          x_velocity: speed,
          y_velocity: aside,
          reward_forward: speed,
          reward_ctrl: -control,
          reward_contact: -contact,
          reward_survive: survive,
        },
      }
    },
  }
}

/** InvertedPendulum: 1 a step until the pole leans by 0.2 rad (in version 5 the step that falls has 0). */
export function invertedPendulum(version: Version): Task {
  return {
    id: `InvertedPendulum-v${version}`,
    xml: invertedPendulumModel,
    frameSkip: 2,
    view: { from: 'side', width: 2.4, follow: false, middle: 0.2 },
    start: noisyStart(0.01),
    observe: ({ data }) => [...data.qpos, ...data.qvel],
    play: ({ data, advance }, action) => {
      advance(action)
      const fallen = Math.abs(data.qpos[1]!) > 0.2
      const reward = fallen && version === 5 ? 0 : 1
      return { reward, terminated: fallen, info: { reward_survive: reward } }
    },
  }
}

/** Reacher: −|fingertip − target| − |a|²; version 4 measures the distance before the step, version 5 after it. */
export function reacher(version: Version): Task {
  const toTarget = ({ data: { xpos } }: Simulation) =>
    Array.from({ length: 3 }, (_, i) => xpos[3 * 3 + i]! - xpos[4 * 3 + i]!)
  return {
    id: `Reacher-v${version}`,
    xml: reacherModel,
    frameSkip: 2,
    view: { from: 'top', width: 0.9, follow: false },
    start: ({ model }, { uniform }) => {
      const around = (size: number) => size * (2 * uniform() - 1)
      const arm = [0, 1].map((i) => model.qpos0[i]! + around(0.1))
      let goal = [around(0.2), around(0.2)]
      while (Math.hypot(...goal) >= 0.2) goal = [around(0.2), around(0.2)]
      return { positions: [...arm, ...goal], velocities: [around(0.005), around(0.005), 0, 0] }
    },
    observe: (simulation) => {
      const { qpos, qvel } = simulation.data
      return [
        Math.cos(qpos[0]!),
        Math.cos(qpos[1]!),
        Math.sin(qpos[0]!),
        Math.sin(qpos[1]!),
        qpos[2]!,
        qpos[3]!,
        qvel[0]!,
        qvel[1]!,
        ...toTarget(simulation).slice(0, version === 5 ? 2 : 3),
      ]
    },
    play: (simulation, action) => {
      const before = Math.hypot(...toTarget(simulation))
      simulation.advance(action)
      const distance = version === 4 ? before : Math.hypot(...toTarget(simulation))
      const control = squares(action)
      const info = { reward_dist: -distance, reward_ctrl: -control }
      return { reward: -distance - control, terminated: false, info }
    },
  }
}
