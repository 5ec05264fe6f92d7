import type { Node, Value } from '../graph/node.ts'
import type { Primitive, Primitives } from '../graph/primitives.ts'
import { type Shape, sizeOf } from '../ndarray.ts'
import type { OnnxAttribute, OnnxType } from '../onnx/model.ts'

/** Where lowering rules put ONNX operators. */
export interface Emitter {
  /** Emits an operator of one output and returns the output's name. */
  readonly op: (operator: string, inputs: readonly string[], attributes?: Attributes) => string
  /** Emits an operator of ONNX Runtime's own domain. */
  readonly contrib: (operator: string, inputs: readonly string[], attributes?: Attributes) => string
  /** Emits an operator of several outputs; names in order. */
  readonly ops: (
    operator: string,
    inputs: readonly string[],
    options: { outputs: number; attributes?: Attributes },
  ) => string[]
  /** Name of an int64 constant vector (shapes, axes, positions). */
  readonly integers: (values: readonly number[]) => string
  /** Name of a float32 constant scalar. */
  readonly float: (value: number) => string
  /** Name of a constant array. */
  readonly initializer: (value: { dtype: OnnxType; shape: Shape; bytes: Uint8Array }) => string
}

type Attributes = Readonly<Record<string, OnnxAttribute>>

/** From the names of the inputs to the names of the outputs. */
export type LowerRule<P extends Primitive> = (
  emit: Emitter,
  inputs: readonly string[],
  node: {
    readonly attributes: Primitives[P]
    readonly inputs: readonly Value[]
    readonly outputs: Node['outputs']
  },
) => string[]

const onnxType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const

const named =
  <P extends Primitive>(operator: string): LowerRule<P> =>
  (emit, inputs) => [emit.op(operator, inputs)]

/** Has x·Wᵀ so few rows that copying a large W into panels, as ONNX Runtime does at every run of what is no constant, costs more than it gains? */
function hasFewRows({
  attributes: { transposeA, transposeB, alpha },
  inputs: [x, weight],
}: Pick<Node<'gemm'>, 'attributes' | 'inputs'>): boolean {
  const rows = x!.shape[0]!
  const plain = transposeB && !transposeA && alpha === 1
  const isLarge = sizeOf(weight!.shape) >= 2 ** 16 && weight!.node.primitive !== 'constant'
  return plain && isLarge && rows >= 4 && rows <= Math.min(256, weight!.shape[0]!)
}

/** x·Wᵀ (+ bias) as (W·xᵀ)ᵀ, which reads W where it lies: 11 instead of 18 ms for 53 M weights and 16 rows. */
function productOfFewRows(emit: Emitter, [x, weight, bias]: readonly string[]): string {
  const swap = { perm: [1, 0] }
  const columns = emit.op('MatMul', [weight!, emit.op('Transpose', [x!], swap)])
  const rows = emit.op('Transpose', [columns], swap)
  return bias ? emit.op('Add', [rows, bias]) : rows
}

/** Lowering of every primitive to ONNX (opset 21) and ONNX Runtime's contributed operators. */
export const lowerRules: { readonly [P in Primitive]: LowerRule<P> } = {
  input: (_, __, { attributes }) => [attributes.name],
  constant: (emit, _, { attributes: { value } }) => [
    emit.initializer({
      dtype: value.dtype,
      shape: value.shape,
      bytes: new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength),
    }),
  ],
  stopGradient: (_, [x]) => [x!],
  customGradient: (_, [result]) => [result!],
  // x + 0·(first element of the trigger): same value, but not before the trigger is there
  barrier: (emit, [x, trigger]) => {
    const flat = emit.op('Reshape', [trigger!, emit.integers([-1])])
    const first = emit.op('Slice', [flat, emit.integers([0]), emit.integers([1])])
    return [emit.op('Add', [x!, emit.op('Mul', [first, emit.float(0)])])]
  },
  cast: (emit, [x], { attributes }) => [emit.op('Cast', [x!], { to: onnxType[attributes.dtype] })],

  neg: named('Neg'),
  exp: named('Exp'),
  log: named('Log'),
  // log(u)·x/(u − 1) with u = fl(1 + x) is exact to rounding (Kahan); x itself where u = 1
  log1p: (emit, [x]) => {
    const one = emit.float(1)
    const u = emit.op('Add', [x!, one])
    const scaled = emit.op('Mul', [emit.op('Log', [u]), emit.op('Div', [x!, emit.op('Sub', [u, one])])])
    return [emit.op('Where', [emit.op('Equal', [u, one]), x!, scaled])]
  },
  sqrt: named('Sqrt'),
  reciprocal: named('Reciprocal'),
  abs: named('Abs'),
  sign: named('Sign'),
  sin: named('Sin'),
  cos: named('Cos'),
  tanh: named('Tanh'),
  sigmoid: named('Sigmoid'),
  softplus: named('Softplus'),
  erf: named('Erf'),
  relu: named('Relu'),
  gelu: (emit, [x], { attributes, outputs }) => {
    if (attributes.approximate === 'none') return [emit.contrib('Gelu', [x!])]
    if (outputs[0]!.shape.length > 0) return [emit.contrib('FastGelu', [x!])]
    const row = emit.op('Reshape', [x!, emit.integers([1])]) // FastGelu takes no scalars
    return [emit.op('Reshape', [emit.contrib('FastGelu', [row]), emit.integers([])])]
  },
  silu: (emit, [x]) => [emit.contrib('QuickGelu', [x!], { alpha: { float: 1 } })],

  add: named('Add'),
  sub: named('Sub'),
  mul: named('Mul'),
  div: named('Div'),
  pow: named('Pow'),
  minimum: named('Min'),
  maximum: named('Max'),
  less: named('Less'),
  lessEqual: named('LessOrEqual'),
  equal: named('Equal'),
  logicalAnd: named('And'),
  logicalOr: named('Or'),
  logicalNot: named('Not'),
  // ONNX Runtime has no Where of booleans
  where: (emit, [condition, a, b], { outputs }) => {
    if (outputs[0]!.dtype !== 'bool') return [emit.op('Where', [condition!, a!, b!])]
    const otherwise = emit.op('And', [emit.op('Not', [condition!]), b!])
    return [emit.op('Or', [emit.op('And', [condition!, a!]), otherwise])]
  },

  sum: (emit, [x], { attributes: { axes, keepDims } }) => [
    emit.op('ReduceSum', [x!, emit.integers(axes)], { keepdims: Number(keepDims) }),
  ],
  max: (emit, [x], { attributes: { axes, keepDims } }) => [
    emit.op('ReduceMax', [x!, emit.integers(axes)], { keepdims: Number(keepDims) }),
  ],
  argmax: (emit, [x], { attributes: { axis } }) => [
    emit.op('Cast', [emit.op('ArgMax', [x!], { axis, keepdims: 0 })], { to: onnxType.int32 }),
  ],
  // max x − log max softmax(x): several times as fast as ReduceLogSumExp, and its derivative shares the softmax
  logsumexp: (emit, [x], { attributes: { axis } }) => {
    const largest = (values: string) => emit.op('ReduceMax', [values, emit.integers([axis])], { keepdims: 0 })
    const probability = largest(emit.op('Softmax', [x!], { axis }))
    return [emit.op('Sub', [largest(x!), emit.op('Log', [probability])])]
  },
  softmax: (emit, [x], { attributes: { axis } }) => [emit.op('Softmax', [x!], { axis })],
  logSoftmax: (emit, [x], { attributes: { axis } }) => [emit.op('LogSoftmax', [x!], { axis })],

  matmul: (emit, inputs, { attributes: { transposeA, transposeB, alpha } }) => [
    transposeA || transposeB || alpha !== 1
      ? emit.contrib('FusedMatMul', inputs, {
          transA: Number(transposeA),
          transB: Number(transposeB),
          alpha: { float: alpha },
        })
      : emit.op('MatMul', inputs),
  ],
  gemm: (emit, inputs, node) => {
    const { transposeA, transposeB, alpha } = node.attributes
    if (hasFewRows(node)) return [productOfFewRows(emit, inputs)]
    return [
      emit.op('Gemm', inputs, {
        transA: Number(transposeA),
        transB: Number(transposeB),
        alpha: { float: alpha },
      }),
    ]
  },

  reshape: (emit, [x], { attributes: { shape } }) => [
    emit.op('Reshape', [x!, emit.integers(shape)], { allowzero: Number(shape.includes(0)) }),
  ],
  transpose: (emit, [x], { attributes: { permutation } }) => [
    emit.op('Transpose', [x!], { perm: permutation }),
  ],
  broadcastTo: (emit, [x], { attributes: { shape } }) => [emit.op('Expand', [x!, emit.integers(shape)])],
  slice: (emit, [x], { attributes: { axis, start, end } }) => [
    emit.op('Slice', [x!, emit.integers([start]), emit.integers([end]), emit.integers([axis])]),
  ],
  split: (emit, [x], { attributes: { axis, sizes } }) =>
    emit.ops('Split', [x!, emit.integers(sizes)], { outputs: sizes.length, attributes: { axis } }),
  concat: (emit, inputs, { attributes: { axis } }) => [emit.op('Concat', inputs, { axis })],
  pad: (emit, [x], { attributes: { before, after } }) => [
    emit.op('Pad', [x!, emit.integers([...before, ...after])]),
  ],

  gather: (emit, inputs) => [emit.op('Gather', inputs, { axis: 0 })],
  /** One row after another: ONNX Runtime's ScatterND adds rows in parallel and loses some of those with equal indices. */
  scatterAdd: (emit, [operand, indices, updates], { inputs }) => {
    const row = inputs[0]!.shape.slice(1)
    const rows = sizeOf(inputs[1]!.shape)
    const column = emit.op('Reshape', [indices!, emit.integers([rows, ...row.map(() => 1)])])
    const places = emit.op('Expand', [column, emit.integers([rows, ...row])])
    const added = emit.op('Reshape', [updates!, emit.integers([rows, ...row])], { allowzero: 1 })
    return [emit.op('ScatterElements', [operand!, places, added], { axis: 0, reduction: 'add' })]
  },
  takeAlongAxis: (emit, inputs, { attributes: { axis } }) => [emit.op('GatherElements', inputs, { axis })],
  putAlongAxisAdd: (emit, inputs, { attributes: { axis } }) => [
    emit.op('ScatterElements', inputs, { axis, reduction: 'add' }),
  ],

  layerNorm: (emit, inputs, { attributes: { epsilon } }) =>
    emit.ops('LayerNormalization', inputs, {
      outputs: 3,
      attributes: { axis: -1, epsilon: { float: epsilon } },
    }),
  rmsNorm: (emit, inputs, { attributes: { epsilon } }) =>
    emit.ops('SimplifiedLayerNormalization', inputs, {
      outputs: 2,
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    }),
  rotary: (emit, [x, positions, cos, sin]) => [
    emit.contrib('RotaryEmbedding', [x!, emit.op('Cast', [positions!], { to: onnxType.int64 }), cos!, sin!]),
  ],
  conv2d: (emit, inputs, { attributes: { strides, padding, dilations } }) => [
    emit.op('Conv', inputs, { strides, pads: padding, dilations }),
  ],
  conv2dTranspose: (emit, inputs, { attributes, inputs: [x, kernel] }) => {
    const { strides, padding, dilations, outputSize } = attributes
    const missing = ([0, 1] as const).map(
      (axis) =>
        outputSize[axis] -
        (strides[axis] * (x!.shape[axis + 2]! - 1) +
          dilations[axis] * (kernel!.shape[axis + 2]! - 1) +
          1 -
          padding[axis]! -
          padding[axis + 2]!),
    )
    return [emit.op('ConvTranspose', inputs, { strides, pads: padding, dilations, output_padding: missing })]
  },
}

/** Bytes of int64 values (little-endian). */
export function int64Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
}
