import { type FloatArray, type Parameters, zeros } from '../ndarray.ts'
import { constantRate, type Schedule } from './schedule.ts'
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type DecayMask,
  globalNorm,
  scaleByAdam,
  type Transformation,
  traceMomentum,
} from './transformation.ts'

/** Changes parameters in place from their gradients; its state is plain named arrays. */
export interface Optimizer {
  /** Updates the parameters that have a gradient. Returns the gradients' global norm before clipping and the rate. */
  readonly update: (
    parameters: Parameters,
    gradients: Parameters,
  ) => { gradientNorm: number; learningRate: number }
  /** Moments by `<moment>/<parameter>` and the number of updates as `step`. */
  readonly state: () => Parameters
  /** Takes back what `state` gave. Throws when a name or shape does not fit. */
  readonly restore: (state: Parameters) => void
}

/** Elements per block: a block of everything that one update touches stays in the first-level cache. */
const blockSize = 1024

/** An optimiser that subtracts rate·transformation(gradient). */
export function optimizer(transformation: Transformation, learningRate: number | Schedule): Optimizer {
  const schedule = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate
  const moments = new Map<string, FloatArray[]>()
  let step = 0

  const momentsOf = (name: string, parameter: FloatArray): FloatArray[] => {
    const known = moments.get(name) ?? transformation.moments.map(() => zeros(parameter.shape))
    moments.set(name, known)
    return known
  }
  const update: Optimizer['update'] = (parameters, gradients) => {
    const gradientNorm = globalNorm(gradients)
    if (!Number.isFinite(gradientNorm))
      throw new RangeError(`the gradient's norm is ${gradientNorm}: nothing was updated`)
    const rate = schedule(step)
    step++
    transformation.prepare?.(gradients)
    for (const [name, gradient] of Object.entries(gradients)) {
      const parameter = parameters[name]
      if (!parameter) throw new TypeError(`there is a gradient for '${name}', but no such parameter`)
      updateParameter(
        { name, parameter, gradient, moments: momentsOf(name, parameter) },
        { transformation, step, rate },
      )
    }
    return { gradientNorm, learningRate: rate }
  }
  const state: Optimizer['state'] = () => {
    const entries = [...moments].flatMap(([name, arrays]) =>
      arrays.map((array, i) => [`${transformation.moments[i]}/${name}`, array] as const),
    )
    return {
      step: { dtype: 'float32', shape: [], data: Float32Array.of(step) },
      ...Object.fromEntries(entries),
    }
  }
  const restore: Optimizer['restore'] = (saved) => {
    const { step: savedStep, ...arrays } = saved
    if (!savedStep) throw new TypeError(`the optimiser's state has no 'step'`)
    moments.clear()
    step = savedStep.data[0]!
    for (const [key, array] of Object.entries(arrays)) {
      const [moment, ...rest] = key.split('/')
      const position = transformation.moments.indexOf(moment!)
      if (position < 0)
        throw new TypeError(
          `the optimiser's state has '${key}', expected ${transformation.moments.join(' or ')}`,
        )
      momentsOf(rest.join('/'), array)[position]!.data.set(array.data)
    }
  }
  return { update, state, restore }
}

interface Stretch {
  readonly name: string
  readonly parameter: FloatArray
  readonly gradient: FloatArray
  readonly moments: readonly FloatArray[]
}

function updateParameter(
  { name, parameter, gradient, moments }: Stretch,
  { transformation, step, rate }: { transformation: Transformation; step: number; rate: number },
): void {
  const { shape } = parameter
  for (let start = 0; start < parameter.data.length; start += blockSize) {
    const part = (data: Float32Array) => data.subarray(start, start + blockSize)
    const block = {
      name,
      shape,
      step,
      update: part(gradient.data),
      parameter: part(parameter.data),
      moments: moments.map((m) => part(m.data)),
    }
    transformation.transform(block)
    for (let i = 0; i < block.update.length; i++)
      block.parameter[i] = block.parameter[i]! - rate * block.update[i]!
  }
}

/** Numbers of AdamW. */
export interface AdamWOptions {
  readonly learningRate: number | Schedule
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  readonly weightDecay?: number
  /** Which parameters decay; default: matrices. */
  readonly decayMask?: DecayMask
  /** Gradients are scaled to at most this global norm. */
  readonly maxGradientNorm?: number
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export function adamw({
  learningRate,
  weightDecay = 0,
  decayMask,
  maxGradientNorm,
  ...adam
}: AdamWOptions): Optimizer {
  const clip = maxGradientNorm === undefined ? [] : [clipByGlobalNorm(maxGradientNorm)]
  return optimizer(chain(...clip, scaleByAdam(adam), addDecayedWeights(weightDecay, decayMask)), learningRate)
}

/** Stochastic gradient descent, with momentum if asked. */
export function sgd({
  learningRate,
  momentum = 0,
  nesterov = false,
}: {
  learningRate: number | Schedule
  momentum?: number
  nesterov?: boolean
}): Optimizer {
  return optimizer(momentum === 0 ? chain() : traceMomentum({ momentum, nesterov }), learningRate)
}

/** Adds gradients to a running sum in place and returns it. */
export function accumulate(total: Parameters, gradients: Parameters): Parameters {
  for (const [name, { data }] of Object.entries(gradients)) {
    const sum = total[name]
    if (!sum) throw new TypeError(`there is no sum for the gradient of '${name}'`)
    for (let i = 0; i < data.length; i++) sum.data[i] = sum.data[i]! + data[i]!
  }
  return total
}
