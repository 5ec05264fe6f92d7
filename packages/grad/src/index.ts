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
export * from './optim/index.ts'
export { type Random, randomKey } from './random.ts'
export { cpu, type Device, webgpu } from './runtime/device.ts'
export { discard } from './runtime/discard.ts'
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
