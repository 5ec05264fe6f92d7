import type { Parameters, Shape } from '../ndarray.ts'

/** A stretch of one parameter, small enough for the cache; `update` starts as the gradient and is changed in place. */
export interface Block {
  readonly name: string
  readonly shape: Shape
  readonly update: Float32Array
  readonly parameter: Float32Array
  /** The stretch of each of the transformation's moments. */
  readonly moments: readonly Float32Array[]
  /** Updates so far, counted from 1 in the first. */
  readonly step: number
}

/** A step from gradient to update, in optax's manner: composed by `chain`, applied block by block in place. */
export interface Transformation {
  /** Names of the state arrays, each of the parameter's size. */
  readonly moments: readonly string[]
  /** Looks at all gradients before any block is transformed. */
  readonly prepare?: (gradients: Parameters) => void
  readonly transform: (block: Block) => void
}

/** One transformation after another. */
export function chain(...parts: readonly Transformation[]): Transformation {
  const offsets = parts.map((_, i) =>
    parts.slice(0, i).reduce((count, part) => count + part.moments.length, 0),
  )
  return {
    moments: parts.flatMap((part) => part.moments),
    prepare: (gradients) => {
      for (const part of parts) part.prepare?.(gradients)
    },
    transform: (block) => {
      parts.forEach((part, i) => {
        const moments = block.moments.slice(offsets[i]!, offsets[i]! + part.moments.length)
        part.transform({ ...block, moments })
      })
    },
  }
}

/** √Σ g² over all gradients, in double precision. */
export function globalNorm(gradients: Parameters): number {
  let squares = 0
  for (const { data } of Object.values(gradients)) {
    for (let i = 0; i < data.length; i++) squares += data[i]! * data[i]!
  }
  return Math.sqrt(squares)
}

/** Scales all gradients so that their global norm is at most `maximum` (Pascanu et al. 2013). */
export function clipByGlobalNorm(maximum: number): Transformation {
  let scale = 1
  return {
    moments: [],
    prepare: (gradients) => {
      scale = Math.min(1, maximum / (globalNorm(gradients) + 1e-6))
    },
    transform: ({ update }) => {
      if (scale === 1) return
      for (let i = 0; i < update.length; i++) update[i] = update[i]! * scale
    },
  }
}

/** m̂/(√v̂ + ε) with bias-corrected moments (Kingma and Ba 2015, algorithm 1). */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Transformation {
  return {
    moments: ['first_moment', 'second_moment'],
    transform: ({ update, moments, step }) => {
      const [first, second] = moments as [Float32Array, Float32Array]
      const correction1 = 1 / (1 - beta1 ** step)
      const correction2 = 1 / (1 - beta2 ** step)
      for (let i = 0; i < update.length; i++) {
        const g = update[i]!
        const m = beta1 * first[i]! + (1 - beta1) * g
        const v = beta2 * second[i]! + (1 - beta2) * g * g
        first[i] = m
        second[i] = v
        update[i] = (m * correction1) / (Math.sqrt(v * correction2) + epsilon)
      }
    },
  }
}

/** Velocity μ·v + g, or with Nesterov's look-ahead g + μ·v. */
export function traceMomentum({
  momentum,
  nesterov = false,
}: {
  momentum: number
  nesterov?: boolean
}): Transformation {
  return {
    moments: ['velocity'],
    transform: ({ update, moments: [velocity] }) => {
      for (let i = 0; i < update.length; i++) {
        const v = momentum * velocity![i]! + update[i]!
        velocity![i] = v
        update[i] = nesterov ? update[i]! + momentum * v : v
      }
    },
  }
}

/** Adds λ·parameter to the update of parameters that decay: decoupled weight decay (Loshchilov and Hutter 2019). */
export function addDecayedWeights(decay: number, decays: DecayMask = matrixDecay): Transformation {
  return {
    moments: [],
    transform: ({ name, shape, update, parameter }) => {
      if (decay === 0 || !decays(name, shape)) return
      for (let i = 0; i < update.length; i++) update[i] = update[i]! + decay * parameter[i]!
    },
  }
}

/** Which parameters decay. */
export type DecayMask = (name: string, shape: Shape) => boolean

/** Matrices decay; biases and norms do not. */
export const matrixDecay: DecayMask = (_, shape) => shape.length > 1
