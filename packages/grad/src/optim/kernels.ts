/** Coefficients of one Adam step; `first` and `second` are lanes. */
export interface AdamStep {
  readonly first: number
  readonly second: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** 1/(1 − β₁ᵗ). */
  readonly firstCorrection: number
  /** 1/√(1 − β₂ᵗ). */
  readonly secondCorrection: number
}

/** Coefficients of one momentum step: u ← ahead·v + keep·u with the lane v ← momentum·v + u. */
export interface MomentumStep {
  readonly velocity: number
  readonly momentum: number
  readonly ahead: number
  readonly keep: number
}

/** Element-wise loops in float32 over the first `count` elements of lanes, which are small enough for the cache. */
export interface Kernels {
  readonly lanes: readonly Float32Array[]
  /** update ← update·factor */
  readonly scale: (count: number, factor: number) => void
  /** to ← to + rate·from */
  readonly addScaled: (count: number, step: { to: number; from: number; rate: number }) => void
  /** Moments of the update, then update ← m̂/(√v̂ + ε) */
  readonly adam: (count: number, step: AdamStep) => void
  readonly momentum: (count: number, step: MomentumStep) => void
}

/** Elements of a lane. */
export const laneLength = 2048

/** Lane of the update (first the gradient). */
export const updateLane = 0
/** Lane of the parameter. */
export const parameterLane = 1
/** Lane of the first moment array. */
export const firstMomentLane = 2

/** Below this magnitude moments become zero: denormal numbers are many times slower. */
const smallestNormal = 2 ** -126

const { fround: f, abs, sqrt } = Math

/** The loops in JavaScript, bit for bit what the WebAssembly ones compute. */
export function javascriptKernels(laneCount: number): Kernels {
  const lanes = Array.from({ length: laneCount }, () => new Float32Array(laneLength))
  const update = lanes[updateLane]!
  const flushed = (x: number) => (abs(x) >= smallestNormal ? x : 0)
  return {
    lanes,
    scale: (count, factor) => {
      for (let i = 0; i < count; i++) update[i] = f(update[i]! * f(factor))
    },
    addScaled: (count, { to, from, rate }) => {
      const [y, x] = [lanes[to]!, lanes[from]!]
      for (let i = 0; i < count; i++) y[i] = f(y[i]! + f(f(rate) * x[i]!))
    },
    adam: (count, step) => {
      const [first, second] = [lanes[step.first]!, lanes[step.second]!]
      const [beta1, rest1] = [f(step.beta1), f(1 - step.beta1)]
      const [beta2, rest2] = [f(step.beta2), f(1 - step.beta2)]
      for (let i = 0; i < count; i++) {
        const g = update[i]!
        const m = flushed(f(f(beta1 * first[i]!) + f(rest1 * g)))
        const v = flushed(f(f(beta2 * second[i]!) + f(rest2 * f(g * g))))
        first[i] = m
        second[i] = v
        const deviation = f(f(f(sqrt(v)) * f(step.secondCorrection)) + f(step.epsilon))
        update[i] = f(f(m * f(step.firstCorrection)) / deviation)
      }
    },
    momentum: (count, step) => {
      const velocity = lanes[step.velocity]!
      for (let i = 0; i < count; i++) {
        const g = update[i]!
        const v = flushed(f(f(f(step.momentum) * velocity[i]!) + g))
        velocity[i] = v
        update[i] = f(f(f(step.ahead) * v) + f(f(step.keep) * g))
      }
    },
  }
}
