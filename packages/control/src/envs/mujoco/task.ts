import type { Drawing } from '@attune/feedback'
import type { Random } from '@attune/grad'
import type { Environment } from '../environment.ts'
import { episodes } from '../episodes.ts'
import { box } from '../space.ts'
import { modelDrawing, type View } from './draw.ts'
import { type Simulation, simulation } from './simulation.ts'

/** What a step is worth. */
export interface Outcome {
  readonly reward: number
  readonly terminated: boolean
  readonly info: Readonly<Record<string, number>>
}

/** A task on a MuJoCo model: how it starts, what is seen, what is rewarded. */
export interface Task {
  readonly id: string
  readonly xml: string
  readonly frameSkip: number
  readonly view: View
  /** Positions and velocities to begin with. */
  readonly start: (
    simulation: Simulation,
    random: Random,
  ) => {
    readonly positions: readonly number[]
    readonly velocities: readonly number[]
  }
  readonly observe: (simulation: Simulation) => readonly number[]
  /** Plays the action with `simulation.advance` and judges what came of it. */
  readonly play: (simulation: Simulation, action: Float32Array) => Outcome
  /** Whether forces of contact are observed. */
  readonly contactForces?: boolean
}

/** A task as an environment. */
export async function mujocoEnvironment(task: Task): Promise<Environment> {
  const { id, xml, frameSkip, contactForces } = task
  const world = await simulation({ name: id, xml }, { frameSkip, contactForces })
  const { model } = world
  const random = episodes(id)
  const begin = (seed?: number) => {
    const { positions, velocities } = task.start(world, random.next(seed))
    world.begin(positions, velocities)
  }
  const observe = () => Float32Array.from(task.observe(world))
  world.begin(
    [...model.qpos0],
    Array.from({ length: model.nv }, () => 0),
  )
  const range = model.actuator_ctrlrange
  return {
    id,
    observationSpace: box([observe().length], -Infinity, Infinity),
    actionSpace: box(
      [model.nu],
      [...range.filter((_, i) => i % 2 === 0)],
      [...range.filter((_, i) => i % 2 === 1)],
    ),
    reset: (seed) => {
      begin(seed)
      return observe()
    },
    step: (action) => {
      const outcome = task.play(world, action as Float32Array)
      return { observation: observe(), ...outcome, truncated: false }
    },
    drawing: (): Drawing => world.posed((data) => modelDrawing({ model, data }, task.view)),
    state: () => ({ ...random.state(), ...world.state() }),
    restore: (state, future) => {
      world.restore(state)
      random.restore(state, future)
    },
    close: world.close,
  }
}

/** The model's own positions and no velocity, with uniform noise (or normal noise on the velocities). */
export function noisyStart(scale: number, velocityNoise: 'uniform' | 'normal' = 'uniform'): Task['start'] {
  return ({ model }, { uniform, normal }) => {
    const noise = () => scale * (2 * uniform() - 1)
    return {
      positions: Array.from(model.qpos0, (position) => position + noise()),
      velocities: Array.from({ length: model.nv }, () =>
        velocityNoise === 'uniform' ? noise() : scale * normal(),
      ),
    }
  }
}

/** Σ a². */
export function squares(action: Float32Array): number {
  let sum = 0
  for (const a of action) sum += a * a
  return sum
}
