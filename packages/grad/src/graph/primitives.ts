import type { DType, NdArray, Shape } from '../ndarray.ts'

/** What a node's output is before it is computed: its shape and element type. */
export interface AbstractArray {
  readonly shape: Shape
  readonly dtype: DType
}

/** A derivative rule of one's own: from the result's cotangent and the arguments to the arguments' cotangents. */
export type CustomVjp = (g: Value, args: readonly Value[]) => (Value | undefined)[]

/** No attributes. */
type None = Readonly<Record<never, never>>

/** Geometry of a two-dimensional convolution over [N, C, H, W]; pairs are (height, width). */
export interface ConvolutionAttributes {
  readonly strides: readonly [number, number]
  /** Zeros added at top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number]
  readonly dilations: readonly [number, number]
}

/** Product of matrices op(A)·op(B)·alpha. */
export interface MatmulAttributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly alpha: number
}

/** Every primitive with its attributes. The three rule tables are total over this list. */
export interface Primitives {
  /** A value given at every run, or `held`: an array that belongs to the program and is read anew at every run. */
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType; readonly held?: NdArray }
  constant: { readonly value: NdArray }
  stopGradient: None
  /** inputs[0], whose derivative by the other inputs is given by `vjp` instead of its own. */
  customGradient: { readonly vjp: CustomVjp }
  barrier: None
  cast: { readonly dtype: DType }

  neg: None
  exp: None
  log: None
  log1p: None
  sqrt: None
  reciprocal: None
  abs: None
  sign: None
  sin: None
  cos: None
  tanh: None
  sigmoid: None
  softplus: None
  erf: None
  relu: None
  gelu: { readonly approximate: 'tanh' | 'none' }
  silu: None

  add: None
  sub: None
  mul: None
  div: None
  pow: None
  minimum: None
  maximum: None
  less: None
  lessEqual: None
  equal: None
  logicalAnd: None
  logicalOr: None
  logicalNot: None
  where: None

  sum: { readonly axes: readonly number[]; readonly keepDims: boolean }
  max: { readonly axes: readonly number[]; readonly keepDims: boolean }
  argmax: { readonly axis: number }
  logsumexp: { readonly axis: number }
  softmax: { readonly axis: number }
  logSoftmax: { readonly axis: number }

  matmul: MatmulAttributes
  gemm: MatmulAttributes

  reshape: { readonly shape: Shape }
  transpose: { readonly permutation: readonly number[] }
  broadcastTo: { readonly shape: Shape }
  slice: { readonly axis: number; readonly start: number; readonly end: number }
  split: { readonly axis: number; readonly sizes: readonly number[] }
  concat: { readonly axis: number }
  pad: { readonly before: readonly number[]; readonly after: readonly number[] }

  gather: None
  scatterAdd: None
  takeAlongAxis: { readonly axis: number }
  putAlongAxisAdd: { readonly axis: number }

  layerNorm: { readonly epsilon: number }
  rmsNorm: { readonly epsilon: number }
  rotary: None
  conv2d: ConvolutionAttributes
  conv2dTranspose: ConvolutionAttributes & { readonly outputSize: readonly [number, number] }
}

/** Name of a primitive. */
export type Primitive = keyof Primitives

/** A block whose intermediate values are recomputed in the reverse pass instead of kept. */
export interface Region {
  readonly name: string
}

/** One application of a primitive; graphs are pure data, linked through `inputs`. */
export interface Node<P extends Primitive = Primitive> {
  readonly id: number
  readonly primitive: P
  readonly inputs: readonly Value[]
  readonly attributes: Primitives[P]
  readonly outputs: readonly AbstractArray[]
  readonly region: Region | undefined
}

/** One output of a node: a symbolic, immutable array. */
export interface Value extends AbstractArray {
  readonly node: Node
  readonly index: number
}
