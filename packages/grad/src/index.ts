export {
  boolArray,
  type DType,
  type FloatArray,
  intArray,
  isNdArray,
  type NdArray,
  ndarray,
  type Parameters,
  type Shape,
  sizeOf,
  zeros,
} from './ndarray.ts'
export { type AttentionInput, attention, type PastAttention } from './nn/attention.ts'
export { type LinearLogProbsOptions, linearEntropy, linearLogProbs } from './nn/linear-log-probs.ts'
export { causalBias, paddingBias, segmentBias } from './nn/masks.ts'
export { accumulate } from './optim/accumulate.ts'
export { type AdamWOptions, adamw, type SgdOptions, sgd } from './optim/alias.ts'
export type { Kernels } from './optim/kernels.ts'
export { type Optimizer, optimizer } from './optim/optimizer.ts'
export { constantRate, cosineRate, linearRate, type Schedule, withWarmup } from './optim/schedule.ts'
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
} from './optim/transformation.ts'
export { type Random, randomKey } from './random.ts'
export { cpu, type Device, webgpu } from './runtime/device.ts'
export { concat, stopGradient, Tensor, type TensorLike, where } from './tensor.ts'
export {
  type Compiled,
  type CompileOptions,
  type Concrete,
  checkpoint,
  constant,
  freeze,
  hold,
  type LossAndStats,
  type Traced,
  type ValueAndGradients,
  value,
  valueAndGrad,
} from './transform.ts'
export type { Tree } from './tree.ts'
