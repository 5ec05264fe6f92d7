import type { EnvironmentState } from '../environment.ts'
import { compileModel, type Data, type Model, mujoco } from './engine.ts'

/** A model in motion. */
export interface Simulation {
  readonly model: Model
  readonly data: Data
  /** Seconds of one `advance`. */
  readonly seconds: number
  /** Begins at the given positions and velocities. */
  readonly begin: (positions: readonly number[], velocities: readonly number[]) => void
  /** Holds the controls for the frames of a step. */
  readonly advance: (controls: Float32Array) => void
  readonly state: () => EnvironmentState
  readonly restore: (state: EnvironmentState) => void
  readonly close: () => void
}

/** Compiles a model; a step of the environment is `frameSkip` steps of the physics. */
export async function simulation(
  source: { readonly name: string; readonly xml: string },
  { frameSkip, contactForces = false }: { readonly frameSkip: number; readonly contactForces?: boolean },
): Promise<Simulation> {
  const engine = await mujoco()
  const model = compileModel(engine, source)
  const data = new engine.MjData(model)
  const begin = (positions: readonly number[], velocities: readonly number[]): void => {
    engine.mj_resetData(model, data)
    data.qpos.set(positions)
    data.qvel.set(velocities)
    engine.mj_forward(model, data)
  }
  return {
    model,
    data,
    seconds: model.opt.timestep * frameSkip,
    begin,
    advance: (controls) => {
      data.ctrl.set(controls)
      for (let frame = 0; frame < frameSkip; frame++) engine.mj_step(model, data)
      if (contactForces) engine.mj_rnePostConstraint(model, data)
    },
    // Positions of bodies are of the last stage of the integrator, behind qpos: a reward may read them, so they are saved.
    state: () => ({
      positions: [...data.qpos],
      velocities: [...data.qvel],
      warmstart: [...data.qacc_warmstart],
      bodies: [...data.xpos],
      remembered: [...data.userdata],
    }),
    restore: (state) => {
      begin(state.positions as number[], state.velocities as number[])
      if (state.warmstart) data.qacc_warmstart.set(state.warmstart as number[])
      if (state.bodies) data.xpos.set(state.bodies as number[])
      if (state.remembered) data.userdata.set(state.remembered as number[])
    },
    close: () => {
      data.delete()
      model.delete()
    },
  }
}
