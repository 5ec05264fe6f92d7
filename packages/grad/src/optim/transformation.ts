import type { Parameters, Shape } from '../ndarray.ts'
import { type Kernels, parameterLane, updateLane } from './kernels.ts'

/** One parameter at one step, as a transformation sees it when it is planned. */
export interface Target {
  readonly name: string
  readonly shape: Shape
  /** This update's number, counted from 1. */
  readonly step: number
  /** Global norm of all gradients of this step, before any transformation. */
  readonly gradientNorm: number
  readonly kernels: Kernels
  /** Lanes of the transformation's own moments. */
  readonly moments: readonly number[]
}

/** Changes the first `count` elements of the update's lane (and of the moments' lanes). */
export type Operation = (count: number) => void

/** A step from gradient to update in optax's manner; element-wise, so that it runs block by block in the cache. */
export interface Transformation {
  /** Names of the state arrays, each of the parameter's size. */
  readonly moments: readonly string[]
  /** What to do with every block of the parameter; `undefined` when there is nothing to do. */
  readonly plan: (target: Target) => Operation | undefined
}

/** One transformation after another. */
export function chain(...parts: readonly Transformation[]): Transformation {
  const starts = parts.map((_, i) => parts.slice(0, i).flatMap((part) => part.moments).length)
  return {
    moments: parts.flatMap((part) => part.moments),
    plan: (target) => {
      const operations = parts.flatMap((part, i) => {
        const moments = target.moments.slice(starts[i]!, starts[i]! + part.moments.length)
        return part.plan({ ...target, moments }) ?? []
      })
      return (count) => {
        for (const operation of operations) operation(count)
      }
    },
  }
}

/** √Σ g² over all gradients, in double precision. */
export function globalNorm(gradients: Parameters): number {
  let squares = 0
  for (const { data } of Object.values(gradients)) squares += sumOfSquares(data)
  return Math.sqrt(squares)
}

/** Four sums side by side: one sum would wait for itself. */
function sumOfSquares(data: Float32Array): number {
  const whole = data.length - (data.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < whole; i += 4) {
    a += data[i]! * data[i]!
    b += data[i + 1]! * data[i + 1]!
    c += data[i + 2]! * data[i + 2]!
    d += data[i + 3]! * data[i + 3]!
  }
  for (let i = whole; i < data.length; i++) a += data[i]! * data[i]!
  return a + b + c + d
}

/** Scales all gradients so that their global norm is at most `maximum` (Pascanu et al. 2013; PyTorch's 1e-6). */
export function clipByGlobalNorm(maximum: number): Transformation {
  return {
    moments: [],
    plan: ({ gradientNorm, kernels }) => {
      const factor = maximum / (gradientNorm + 1e-6)
      return factor < 1 ? (count) => kernels.scale(count, factor) : undefined
    },
  }
}

/** m̂/(√v̂ + ε) with bias-corrected moments (Kingma and Ba 2015, algorithm 1). */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Transformation {
  return {
    moments: ['first_moment', 'second_moment'],
    plan: ({ step, kernels, moments: [first, second] }) => {
      const firstCorrection = 1 / (1 - beta1 ** step)
      const secondCorrection = 1 / Math.sqrt(1 - beta2 ** step)
      const lanes = { first: first!, second: second! }
      const adamStep = { ...lanes, beta1, beta2, epsilon, firstCorrection, secondCorrection }
      return (count) => kernels.adam(count, adamStep)
    },
  }
}

/** Velocity v ← μ·v + g, or with Nesterov's look-ahead g + μ·v (Sutskever et al. 2013, as in PyTorch). */
export function traceMomentum({
  momentum,
  nesterov = false,
}: {
  momentum: number
  nesterov?: boolean
}): Transformation {
  const ahead = nesterov ? momentum : 1
  const keep = nesterov ? 1 : 0
  return {
    moments: ['velocity'],
    plan: ({ kernels, moments: [velocity] }) => {
      const step = { velocity: velocity!, momentum, ahead, keep }
      return (count) => kernels.momentum(count, step)
    },
  }
}

/** Adds λ·parameter to the update of parameters that decay: decoupled weight decay (Loshchilov and Hutter 2019). */
export function addDecayedWeights(decay: number, decays: DecayMask = matrixDecay): Transformation {
  return {
    moments: [],
    plan: ({ name, shape, kernels }) => {
      if (decay === 0 || !decays(name, shape)) return undefined
      return (count) => kernels.addScaled(count, { to: updateLane, from: parameterLane, rate: decay })
    },
  }
}

/** Which parameters decay. */
export type DecayMask = (name: string, shape: Shape) => boolean

/** Matrices decay; biases and norms do not. */
export const matrixDecay: DecayMask = (_, shape) => shape.length > 1
