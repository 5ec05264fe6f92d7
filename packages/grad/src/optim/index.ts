export { accumulate } from './accumulate.ts'
export { type AdamWOptions, adamw, type SgdOptions, sgd } from './alias.ts'
export type { Kernels } from './kernels.ts'
export { type Optimizer, optimizer } from './optimizer.ts'
export { constantRate, cosineRate, linearRate, type Schedule, withWarmup } from './schedule.ts'
export {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type DecayMask,
  globalNorm,
  matrixDecay,
  type Operation,
  scaleByAdam,
  type Target,
  type Transformation,
  traceMomentum,
} from './transformation.ts'
