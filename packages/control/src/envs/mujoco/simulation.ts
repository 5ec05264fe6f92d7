import type { EnvironmentState } from '../environment.ts'
import { compileModel, type Data, type Engine, type Model, mujoco } from './engine.ts'

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
  /** Looks at a copy with the bodies where the positions put them; those of `data` are a stage of the integrator behind. */
  readonly posed: <Seen>(look: (data: Data) => Seen) => Seen
  readonly state: () => EnvironmentState
  /** Throws, and changes nothing, when the state is not one of this model. */
  readonly restore: (state: EnvironmentState) => void
  readonly close: () => void
}

/** What is saved, and the engine's name for it. Bodies are where the integrator's last stage left them, which a reward may read. */
const parts = [
  ['positions', 'qpos'],
  ['velocities', 'qvel'],
  ['activations', 'act'],
  ['controls', 'ctrl'],
  ['warmstart', 'qacc_warmstart'],
  ['bodies', 'xpos'],
  ['remembered', 'userdata'],
] as const

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
    posed: (look) => posed(engine, { model, data }, look),
    state: () => stateOf(data),
    restore: (state) => {
      checkParts(state, { name: source.name, data })
      begin(state.positions as number[], state.velocities as number[])
      for (const [part, array] of parts) if (state[part]) data[array].set(state[part] as number[])
    },
    close: () => {
      data.delete()
      model.delete()
    },
  }
}

function posed<Seen>(
  engine: Engine,
  { model, data }: Pick<Simulation, 'model' | 'data'>,
  look: (data: Data) => Seen,
): Seen {
  const copy = new engine.MjData(model, data)
  try {
    engine.mj_kinematics(model, copy)
    return look(copy)
  } finally {
    copy.delete()
  }
}

/** The parts that this model has. */
function stateOf(data: Data): EnvironmentState {
  const saved = parts.map(([part, array]) => [part, [...data[array]]] as const)
  return Object.fromEntries(saved.filter(([, numbers]) => numbers.length > 0))
}

/** Throws unless the parts have the model's sizes; all but positions and velocities may be missing. */
function checkParts(
  state: EnvironmentState,
  { name, data }: { readonly name: string; readonly data: Data },
): void {
  for (const [part, array] of parts) {
    const saved = state[part]
    if (saved === undefined && array !== 'qpos' && array !== 'qvel') continue
    const found = Array.isArray(saved) ? saved.length : 0
    if (found !== data[array].length)
      throw new RangeError(
        `${name}: the saved state has ${found} numbers of '${part}', expected ${data[array].length}`,
      )
  }
}
