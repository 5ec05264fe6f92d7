import loadMujoco from '@mujoco/mujoco'

/** What is used of a compiled model. */
export interface Model {
  readonly nq: number
  readonly nv: number
  readonly nu: number
  readonly ngeom: number
  readonly opt: { readonly timestep: number }
  readonly qpos0: Float64Array
  readonly actuator_ctrlrange: Float64Array
  readonly geom_type: Int32Array
  /** [ngeom, 3] */
  readonly geom_size: Float64Array
  /** [ngeom, 4] */
  readonly geom_rgba: Float32Array
  readonly delete: () => void
}

/** What is used of a simulation's state; every read gives a view of the engine's memory that a later call may move. */
export interface Data {
  readonly qpos: Float64Array
  readonly qvel: Float64Array
  readonly ctrl: Float64Array
  /** Activations of actuators that have a state of their own. */
  readonly act: Float64Array
  readonly qacc_warmstart: Float64Array
  /** Positions of the bodies [nbody, 3]. */
  readonly xpos: Float64Array
  /** Numbers that a task keeps for itself. */
  readonly userdata: Float64Array
  /** External forces on the bodies [nbody, 6]. */
  readonly cfrc_ext: Float64Array
  readonly geom_xpos: Float64Array
  /** Rotations of the geoms [ngeom, 3, 3]. */
  readonly geom_xmat: Float64Array
  readonly delete: () => void
}

/** MuJoCo's functions that are used. */
export interface Engine {
  readonly MjModel: { readonly from_xml_string: (xml: string) => Model }
  /** Of the given data it makes a copy. */
  readonly MjData: new (
    model: Model,
    data?: Data,
  ) => Data
  readonly mj_step: (model: Model, data: Data) => void
  readonly mj_forward: (model: Model, data: Data) => void
  /** Places the bodies where the positions put them. */
  readonly mj_kinematics: (model: Model, data: Data) => void
  readonly mj_resetData: (model: Model, data: Data) => void
  readonly mj_rnePostConstraint: (model: Model, data: Data) => void
}

/** One WebAssembly instance holds all models of a process: an instance is ten megabytes. */
const loading: { engine?: Promise<Engine> } = {}

/** MuJoCo's official WebAssembly build. */
export function mujoco(): Promise<Engine> {
  loading.engine ??= loadMujoco() as unknown as Promise<Engine>
  return loading.engine
}

/** A model compiled from MuJoCo's XML. Throws with the model's name, MuJoCo's reason and the line. */
export function compileModel(
  engine: Engine,
  { name, xml }: { readonly name: string; readonly xml: string },
): Model {
  try {
    return engine.MjModel.from_xml_string(xml)
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^MuJoCo Error: (Loading error: )?/, '').trim()
    throw new Error(`${name}: the XML is not a MuJoCo model: ${reason.replaceAll(/\s*\n\s*/g, ', ')}`, {
      cause,
    })
  }
}
