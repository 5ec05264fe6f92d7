import { type Optimizer, optimizer } from './optimizer.ts'
import type { Schedule } from './schedule.ts'
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type DecayMask,
  scaleByAdam,
  traceMomentum,
} from './transformation.ts'

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

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2). */
export function adamw({
  learningRate,
  weightDecay = 0,
  decayMask,
  maxGradientNorm,
  ...adam
}: AdamWOptions): Optimizer {
  const decay = addDecayedWeights(weightDecay, decayMask)
  return optimizer(chain(...clip(maxGradientNorm), scaleByAdam(adam), decay), learningRate)
}

/** Numbers of stochastic gradient descent. */
export interface SgdOptions {
  readonly learningRate: number | Schedule
  readonly momentum?: number
  /** Nesterov's look-ahead. */
  readonly nesterov?: boolean
  /** Gradients are scaled to at most this global norm. */
  readonly maxGradientNorm?: number
}

/** Stochastic gradient descent, with momentum if asked. */
export function sgd({
  learningRate,
  momentum = 0,
  nesterov = false,
  maxGradientNorm,
}: SgdOptions): Optimizer {
  const trace = momentum === 0 ? [] : [traceMomentum({ momentum, nesterov })]
  return optimizer(chain(...clip(maxGradientNorm), ...trace), learningRate)
}

function clip(maximum: number | undefined) {
  return maximum === undefined ? [] : [clipByGlobalNorm(maximum)]
}
