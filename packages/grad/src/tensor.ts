import type { Value } from './graph/node.ts'
import type { ConvolutionAttributes } from './graph/primitives.ts'
import type { DType, Shape } from './ndarray.ts'
import * as elementwise from './ops/elementwise.ts'
import * as indexing from './ops/indexing.ts'
import { conv2d, linear, type MatmulOptions, matmul } from './ops/linear.ts'
import * as normalise from './ops/normalise.ts'
import * as reduce from './ops/reduce.ts'
import * as shapes from './ops/shape.ts'

/** An operand of arithmetic: a tensor, or a number that takes the tensor's type. */
export type TensorLike = Tensor | number

/** A symbolic, immutable array; its methods build the program that ONNX Runtime runs. */
export class Tensor {
  readonly value: Value

  constructor(value: Value) {
    this.value = value
  }

  get shape(): Shape {
    return this.value.shape
  }

  get dtype(): DType {
    return this.value.dtype
  }

  neg(): Tensor {
    return wrap(elementwise.neg(this.value))
  }
  exp(): Tensor {
    return wrap(elementwise.exp(this.value))
  }
  log(): Tensor {
    return wrap(elementwise.log(this.value))
  }
  log1p(): Tensor {
    return wrap(elementwise.log1p(this.value))
  }
  sqrt(): Tensor {
    return wrap(elementwise.sqrt(this.value))
  }
  rsqrt(): Tensor {
    return this.sqrt().reciprocal()
  }
  reciprocal(): Tensor {
    return wrap(elementwise.reciprocal(this.value))
  }
  square(): Tensor {
    return wrap(elementwise.square(this.value))
  }
  abs(): Tensor {
    return wrap(elementwise.abs(this.value))
  }
  sign(): Tensor {
    return wrap(elementwise.sign(this.value))
  }
  sin(): Tensor {
    return wrap(elementwise.sin(this.value))
  }
  cos(): Tensor {
    return wrap(elementwise.cos(this.value))
  }
  tanh(): Tensor {
    return wrap(elementwise.tanh(this.value))
  }
  sigmoid(): Tensor {
    return wrap(elementwise.sigmoid(this.value))
  }
  /** log σ(x) = −softplus(−x), without overflow. */
  logSigmoid(): Tensor {
    return this.neg().softplus().neg()
  }
  softplus(): Tensor {
    return wrap(elementwise.softplus(this.value))
  }
  erf(): Tensor {
    return wrap(elementwise.erf(this.value))
  }
  relu(): Tensor {
    return wrap(elementwise.relu(this.value))
  }
  silu(): Tensor {
    return wrap(elementwise.silu(this.value))
  }
  gelu(approximate: 'tanh' | 'none' = 'tanh'): Tensor {
    return wrap(elementwise.gelu(this.value, approximate))
  }
  cast(dtype: DType): Tensor {
    return wrap(elementwise.cast(this.value, dtype))
  }
  stopGradient(): Tensor {
    return wrap(elementwise.stopGradient(this.value))
  }

  add(other: TensorLike): Tensor {
    return wrap(elementwise.add(this.value, operand(other)))
  }
  sub(other: TensorLike): Tensor {
    return wrap(elementwise.sub(this.value, operand(other)))
  }
  mul(other: TensorLike): Tensor {
    return wrap(elementwise.mul(this.value, operand(other)))
  }
  div(other: TensorLike): Tensor {
    return wrap(elementwise.div(this.value, operand(other)))
  }
  pow(other: TensorLike): Tensor {
    return wrap(elementwise.pow(this.value, operand(other)))
  }
  minimum(other: TensorLike): Tensor {
    return wrap(elementwise.minimum(this.value, operand(other)))
  }
  maximum(other: TensorLike): Tensor {
    return wrap(elementwise.maximum(this.value, operand(other)))
  }
  /** Bounded to [low, high]; the derivative is one inside, zero outside and a half on a bound. */
  clip(low: TensorLike, high: TensorLike): Tensor {
    return this.maximum(low).minimum(high)
  }
  less(other: TensorLike): Tensor {
    return wrap(elementwise.less(this.value, operand(other)))
  }
  lessEqual(other: TensorLike): Tensor {
    return wrap(elementwise.lessEqual(this.value, operand(other)))
  }
  greater(other: TensorLike): Tensor {
    return wrap(elementwise.less(operand(other), this.value))
  }
  greaterEqual(other: TensorLike): Tensor {
    return wrap(elementwise.lessEqual(operand(other), this.value))
  }
  equal(other: TensorLike): Tensor {
    return wrap(elementwise.equal(this.value, operand(other)))
  }
  notEqual(other: TensorLike): Tensor {
    return this.equal(other).logicalNot()
  }
  logicalAnd(other: Tensor): Tensor {
    return wrap(elementwise.logicalAnd(this.value, other.value))
  }
  logicalOr(other: Tensor): Tensor {
    return wrap(elementwise.logicalOr(this.value, other.value))
  }
  logicalNot(): Tensor {
    return wrap(elementwise.logicalNot(this.value))
  }

  sum(reduction?: reduce.Reduction): Tensor {
    return wrap(reduce.sum(this.value, reduction))
  }
  mean(reduction?: reduce.Reduction): Tensor {
    return wrap(reduce.mean(this.value, reduction))
  }
  max(reduction?: reduce.Reduction): Tensor {
    return wrap(reduce.max(this.value, reduction))
  }
  min(reduction?: reduce.Reduction): Tensor {
    return wrap(reduce.min(this.value, reduction))
  }
  argmax(axis?: number): Tensor {
    return wrap(reduce.argmax(this.value, axis))
  }
  logsumexp(axis?: number): Tensor {
    return wrap(reduce.logsumexp(this.value, axis))
  }
  softmax(axis?: number): Tensor {
    return wrap(reduce.softmax(this.value, axis))
  }
  logSoftmax(axis?: number): Tensor {
    return wrap(reduce.logSoftmax(this.value, axis))
  }

  matmul(other: Tensor, options?: MatmulOptions): Tensor {
    return wrap(matmul(this.value, other.value, options))
  }
  /** x·W (+ bias) over the last axis; `transposeB` for weights stored [out, in]. */
  linear(weight: Tensor, options: { bias?: Tensor | undefined; transposeB?: boolean } = {}): Tensor {
    return wrap(linear(this.value, weight.value, { ...options, bias: options.bias?.value }))
  }
  conv2d(kernel: Tensor, options?: Partial<ConvolutionAttributes>): Tensor {
    return wrap(conv2d(this.value, kernel.value, options))
  }

  reshape(shape: Shape): Tensor {
    return wrap(shapes.reshape(this.value, shape))
  }
  transpose(permutation?: readonly number[]): Tensor {
    return wrap(shapes.transpose(this.value, permutation))
  }
  broadcastTo(shape: Shape): Tensor {
    return wrap(shapes.broadcastTo(this.value, shape))
  }
  expandDims(axis: number): Tensor {
    return wrap(shapes.expandDims(this.value, axis))
  }
  squeeze(axis: number): Tensor {
    return wrap(shapes.squeeze(this.value, axis))
  }
  /** Elements start (inclusive) to end (exclusive) of one axis; negative positions count from the end. */
  slice(axis: number, start: number, end?: number): Tensor {
    return wrap(shapes.slice(this.value, axis, [start, end]))
  }
  split(sizes: readonly number[], axis: number): Tensor[] {
    return shapes.split(this.value, sizes, axis).map(wrap)
  }
  /** Zeros added before and after, per axis. */
  pad(before: readonly number[], after: readonly number[]): Tensor {
    return wrap(shapes.pad(this.value, before, after))
  }

  gather(indices: Tensor, axis?: number): Tensor {
    return wrap(indexing.gather(this.value, indices.value, axis))
  }
  takeAlongAxis(indices: Tensor, axis?: number): Tensor {
    return wrap(indexing.takeAlongAxis(this.value, indices.value, axis))
  }
  /** This array with `updates` added to its rows at `indices`; repeated indices add up. */
  scatterAdd(indices: Tensor, updates: Tensor): Tensor {
    return wrap(indexing.scatterAdd(this.value, indices.value, updates.value))
  }
  oneHot(depth: number): Tensor {
    return wrap(indexing.oneHot(this.value, depth))
  }

  layerNorm(scale: Tensor, options: { bias: Tensor; epsilon: number }): Tensor {
    return wrap(normalise.layerNorm(this.value, scale.value, { ...options, bias: options.bias.value }))
  }
  rmsNorm(scale: Tensor, epsilon: number): Tensor {
    return wrap(normalise.rmsNorm(this.value, scale.value, epsilon))
  }
  /** Rotary position embedding of x [B, H, T, D] at positions [B, T] with tables [M, D/2]. */
  rotary(positions: Tensor, tables: { cos: Tensor; sin: Tensor }): Tensor {
    return wrap(
      normalise.rotary(this.value, positions.value, { cos: tables.cos.value, sin: tables.sin.value }),
    )
  }
}

/** `a` where the condition holds, else `b`. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return wrap(elementwise.where(condition.value, operand(a), operand(b)))
}

/** Arrays joined along one axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return wrap(
    shapes.concat(
      tensors.map((tensor) => tensor.value),
      axis,
    ),
  )
}

/** The value without a path for derivatives. */
export function stopGradient(tensor: Tensor): Tensor {
  return tensor.stopGradient()
}

function wrap(value: Value): Tensor {
  return new Tensor(value)
}

function operand(other: TensorLike): Value | number {
  return typeof other === 'number' ? other : other.value
}
