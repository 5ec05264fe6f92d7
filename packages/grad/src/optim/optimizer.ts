import { type FloatArray, ndarray, type Parameters, zeros } from '../ndarray.ts'
import { sameShape } from '../rules/shape.ts'
import { firstMomentLane, type Kernels, laneLength, parameterLane, updateLane } from './kernels.ts'
import { constantRate, type Schedule } from './schedule.ts'
import { readState } from './state.ts'
import { globalNorm, type Operation, type Transformation } from './transformation.ts'
import { wasmKernels } from './wasm-kernels.ts'

/** Changes parameters in place from their gradients; its state is plain named arrays. */
export interface Optimizer {
  /** Number of updates so far. */
  readonly step: number
  /**
   * Updates the parameters that have a gradient, and returns the gradients' global norm before clipping and the
   * rate. Throws, with nothing changed, when a gradient is not finite or does not fit its parameter.
   */
  readonly update: (
    parameters: Parameters,
    gradients: Parameters,
  ) => { gradientNorm: number; learningRate: number }
  /** Moments by `<moment>/<parameter>` and the number of updates as `step`; live arrays, not copies. */
  readonly state: () => Parameters
  /** Takes back what `state` gave, by copy. Throws, with nothing changed, when a name or shape does not fit. */
  readonly restore: (state: Parameters) => void
}

/** An optimiser that subtracts rate·transformation(gradient). The same bits on every machine. */
export function optimizer(
  transformation: Transformation,
  learningRate: number | Schedule,
  makeKernels: (lanes: number) => Kernels = wasmKernels,
): Optimizer {
  const schedule = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate
  const kernels = makeKernels(firstMomentLane + transformation.moments.length)
  const momentLanes = transformation.moments.map((_, i) => firstMomentLane + i)
  let moments = new Map<string, readonly FloatArray[]>()
  let step = 0

  const update: Optimizer['update'] = (parameters, gradients) => {
    const gradientNorm = globalNorm(gradients)
    if (!Number.isFinite(gradientNorm)) throw notFinite(gradients, gradientNorm)
    const pairs = Object.entries(gradients).map(
      ([name, gradient]) => [name, { gradient, parameter: partner(name, parameters, gradient) }] as const,
    )
    for (const [name, { parameter }] of pairs) checkMoments(name, parameter)
    const rate = schedule(step)
    step++
    for (const [name, { gradient, parameter }] of pairs) {
      const { shape } = parameter
      const target = { name, shape, step, gradientNorm, kernels, moments: momentLanes }
      const arrays = momentsOf(name, parameter)
      applyInBlocks(kernels, [gradient, parameter, ...arrays], descent(transformation.plan(target), rate))
    }
    return { gradientNorm, learningRate: rate }
  }
  const checkMoments = (name: string, { shape }: FloatArray) => {
    const known = moments.get(name)?.[0]
    if (known && !sameShape(known.shape, shape))
      throw new TypeError(`parameter '${name}' is [${shape}], the optimiser's state for it [${known.shape}]`)
    if (!known && step > 0 && transformation.moments.length > 0)
      throw new TypeError(
        `parameter '${name}' has a gradient, but had none in the ${step} updates before: use a new optimiser`,
      )
  }
  const momentsOf = (name: string, { shape }: FloatArray): readonly FloatArray[] => {
    const known = moments.get(name) ?? transformation.moments.map(() => zeros(shape))
    moments.set(name, known)
    return known
  }
  const descent = (transform: Operation | undefined, rate: number) => (count: number) => {
    transform?.(count)
    kernels.addScaled(count, { to: parameterLane, from: updateLane, rate: -rate })
  }
  const state: Optimizer['state'] = () => {
    const entries = [...moments].flatMap(([name, arrays]) =>
      arrays.map((array, i) => [`${transformation.moments[i]}/${name}`, array] as const),
    )
    return { step: ndarray([step], []), ...Object.fromEntries(entries) }
  }
  const restore: Optimizer['restore'] = (saved) => {
    const read = readState(saved, transformation.moments)
    moments = read.moments
    step = read.step
  }
  return {
    update,
    state,
    restore,
    get step() {
      return step
    },
  }
}

/** Copies lanes in, applies the operation, copies the changed ones back: all but the first, which is the gradient. */
function applyInBlocks({ lanes }: Kernels, arrays: readonly FloatArray[], operation: Operation): void {
  const size = arrays[0]!.data.length
  for (let start = 0; start < size; start += laneLength) {
    const count = Math.min(laneLength, size - start)
    for (let lane = 0; lane < arrays.length; lane++)
      lanes[lane]!.set(arrays[lane]!.data.subarray(start, start + count))
    operation(count)
    for (let lane = 1; lane < arrays.length; lane++)
      arrays[lane]!.data.set(count === laneLength ? lanes[lane]! : lanes[lane]!.subarray(0, count), start)
  }
}

function partner(name: string, parameters: Parameters, gradient: FloatArray): FloatArray {
  const parameter = parameters[name]
  if (!parameter) throw new TypeError(`there is a gradient for '${name}', but no such parameter`)
  if (!sameShape(parameter.shape, gradient.shape))
    throw new TypeError(`parameter '${name}' is [${parameter.shape}], its gradient [${gradient.shape}]`)
  return parameter
}

function notFinite(gradients: Parameters, norm: number): RangeError {
  const culprit = Object.keys(gradients).find(
    (name) => !Number.isFinite(globalNorm({ [name]: gradients[name]! })),
  )
  return new RangeError(`the gradient of '${culprit}' is not finite (norm ${norm}): nothing was updated`)
}
