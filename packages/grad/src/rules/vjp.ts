import type { Value } from '../graph/node.ts'
import { apply } from '../graph/node.ts'
import type { ConvolutionAttributes, Primitive, Primitives } from '../graph/primitives.ts'
import type { Shape } from '../ndarray.ts'
import {
  add,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  less,
  log,
  mul,
  neg,
  pow,
  scalar,
  sigmoid,
  sign,
  sin,
  square,
  sub,
  where,
} from '../ops/elementwise.ts'
import { gather, putAlongAxisAdd, scatterAdd, takeAlongAxis } from '../ops/indexing.ts'
import { conv2d, matmul } from '../ops/linear.ts'
import { mean, softmax, sum } from '../ops/reduce.ts'
import { broadcastTo, concat, expandDims, pad, reshape, slice, split, transpose } from '../ops/shape.ts'

/** What a derivative rule may read: the node's inputs, outputs and attributes. */
export interface Primal<P extends Primitive> {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: Primitives[P]
  /** Cotangents of all outputs; only the first is surely there. */
  readonly cotangents: readonly (Value | undefined)[]
}

/** From the cotangent of the first output to those of the inputs; `undefined` where none flows. */
export type VjpRule<P extends Primitive> = (g: Value, primal: Primal<P>) => (Value | undefined)[]

type Elementwise = (x: Value, y: Value) => Value

/** Rule of y = f(x) from dy/dx as a function of x and y. */
const slope =
  <P extends Primitive>(derivative: Elementwise): VjpRule<P> =>
  (g, { inputs, outputs }) => [mul(g, derivative(inputs[0]!, outputs[0]!))]

const none = (): undefined[] => []

/** Vector–Jacobian products of every primitive; y is the output, g its cotangent. */
export const vjpRules: { readonly [P in Primitive]: VjpRule<P> } = {
  input: none,
  constant: none,
  stopGradient: none,
  customGradient: (g, { inputs: [, ...args], attributes }) => [undefined, ...attributes.vjp(g, args)],
  barrier: (g) => [g],
  cast: (g, { inputs }) => [inputs[0]!.dtype === 'float32' ? cast(g, 'float32') : undefined],

  neg: (g) => [neg(g)],
  exp: slope((_, y) => y), // d eˣ = eˣ
  log: (g, { inputs }) => [div(g, inputs[0]!)], // d log x = 1/x
  log1p: (g, { inputs }) => [div(g, add(inputs[0]!, 1))], // d log(1+x) = 1/(1+x)
  sqrt: (g, { outputs }) => [div(g, mul(outputs[0]!, 2))], // d √x = 1/(2√x)
  reciprocal: slope((_, y) => neg(square(y))), // d 1/x = −1/x²
  abs: slope((x) => sign(x)),
  sign: none,
  sin: slope((x) => cos(x)),
  cos: slope((x) => neg(sin(x))),
  tanh: slope((_, y) => sub(1, square(y))), // 1 − tanh²
  sigmoid: slope((_, y) => mul(y, sub(1, y))), // σ(1 − σ)
  softplus: slope((x) => sigmoid(x)), // d log(1+eˣ) = σ(x)
  erf: slope((x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))), // 2/√π · e^(−x²)
  relu: (g, { inputs }) => [where(less(0, inputs[0]!), g, 0)],
  gelu: (g, { inputs: [x], outputs: [y], attributes }) => [
    mul(g, attributes.approximate === 'tanh' ? tanhGeluSlope(x!, y!) : exactGeluSlope(x!)),
  ],
  silu: slope((x, y) => {
    const s = sigmoid(x)
    return add(s, sub(y, mul(y, s))) // σ + y(1 − σ)
  }),

  add: (g, { inputs }) => inputs.map((x) => sumTo(g, x.shape)),
  sub: (g, { inputs: [a, b] }) => [sumTo(g, a!.shape), sumTo(neg(g), b!.shape)],
  mul: (g, { inputs: [a, b] }) => [sumTo(mul(g, b!), a!.shape), sumTo(mul(g, a!), b!.shape)],
  div: (g, { inputs: [a, b], outputs: [y] }) => [
    sumTo(div(g, b!), a!.shape), // 1/b
    sumTo(neg(mul(g, div(y!, b!))), b!.shape), // −a/b² = −y/b
  ],
  pow: (g, { inputs: [a, b], outputs: [y] }) => [
    sumTo(mul(g, mul(b!, pow(a!, sub(b!, 1)))), a!.shape), // b·a^(b−1)
    sumTo(where(less(0, a!), mul(g, mul(y!, log(a!))), 0), b!.shape), // aᵇ log a
  ],
  minimum: (g, { inputs: [a, b] }) => [
    sumTo(mul(g, below(a!, b!)), a!.shape),
    sumTo(mul(g, below(b!, a!)), b!.shape),
  ],
  maximum: (g, { inputs: [a, b] }) => [
    sumTo(mul(g, below(b!, a!)), a!.shape),
    sumTo(mul(g, below(a!, b!)), b!.shape),
  ],
  less: none,
  lessEqual: none,
  equal: none,
  logicalAnd: none,
  logicalOr: none,
  logicalNot: none,
  where: (g, { inputs: [condition, a, b] }) => [
    undefined,
    sumTo(where(condition!, g, 0), a!.shape),
    sumTo(where(condition!, 0, g), b!.shape),
  ],

  sum: (g, { inputs: [x], attributes }) => [broadcastTo(kept(g, x!.shape, attributes.axes), x!.shape)],
  max: (g, { inputs: [x], outputs: [y], attributes: { axes } }) => {
    const chosen = cast(equal(x!, kept(y!, x!.shape, axes)), 'float32') // ties share the cotangent
    return [mul(chosen, div(kept(g, x!.shape, axes), sum(chosen, { axes, keepDims: true })))]
  },
  argmax: none,
  logsumexp: (g, { inputs: [x], attributes: { axis } }) => [mul(softmax(x!, axis), expandDims(g, axis))],
  softmax: (g, { outputs: [y], attributes: { axis } }) => [
    mul(y!, sub(g, sum(mul(g, y!), { axes: axis, keepDims: true }))), // y ∘ (g − Σ g∘y)
  ],
  logSoftmax: (g, { outputs: [y], attributes: { axis } }) => [
    sub(g, mul(exp(y!), sum(g, { axes: axis, keepDims: true }))), // g − softmax · Σ g
  ],

  matmul: matmulVjp,
  gemm: (g, primal) => {
    const bias = primal.inputs[2]
    return [...matmulVjp(g, primal), ...(bias ? [sumTo(g, bias.shape)] : [])]
  },

  reshape: (g, { inputs: [x] }) => [reshape(g, x!.shape)],
  transpose: (g, { attributes: { permutation } }) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  broadcastTo: (g, { inputs: [x] }) => [sumTo(g, x!.shape)],
  slice: (g, { inputs: [x], attributes: { axis, start, end } }) => {
    const only = (count: number) => x!.shape.map((_, i) => (i === axis ? count : 0))
    return [pad(g, only(start), only(x!.shape[axis]! - end))]
  },
  split: (_, { outputs, cotangents, attributes: { axis } }) => [
    concat(
      outputs.map((y, i) => cotangents[i] ?? zeros(y.shape)),
      axis,
    ),
  ],
  concat: (g, { inputs, attributes: { axis } }) =>
    split(
      g,
      inputs.map((x) => x.shape[axis]!),
      axis,
    ),
  pad: (g, { inputs: [x], attributes: { before } }) => [
    before.reduce((y, start, axis) => slice(y, axis, [start, start + x!.shape[axis]!]), g),
  ],

  gather: (g, { inputs: [x, indices] }) => [scatterAdd(zeros(x!.shape), indices!, g), undefined],
  scatterAdd: (g, { inputs: [, indices] }) => [g, undefined, gather(g, indices!)],
  takeAlongAxis: (g, { inputs: [x, indices], attributes: { axis } }) => [
    putAlongAxisAdd([zeros(x!.shape), indices!, g], axis),
    undefined,
  ],
  putAlongAxisAdd: (g, { inputs: [, indices], attributes: { axis } }) => [
    g,
    undefined,
    takeAlongAxis(g, indices!, axis),
  ],

  layerNorm: (g, { inputs: [x, scale, bias], outputs: [, average, deviation] }) => {
    const normal = mul(sub(x!, average!), deviation!) // x̂
    const h = mul(g, scale!)
    const along = { axes: -1, keepDims: true }
    // (h − mean h − x̂ · mean(h ∘ x̂)) / deviation
    const inner = sub(sub(h, mean(h, along)), mul(normal, mean(mul(h, normal), along)))
    return [mul(inner, deviation!), sumTo(mul(g, normal), scale!.shape), sumTo(g, bias!.shape)]
  },
  rmsNorm: (g, { inputs: [x, scale], outputs: [, inverse] }) => {
    const normal = mul(x!, inverse!) // x̂ = x/rms
    const h = mul(g, scale!)
    const inner = sub(h, mul(normal, mean(mul(h, normal), { axes: -1, keepDims: true }))) // h − x̂ · mean(h ∘ x̂)
    return [mul(inner, inverse!), sumTo(mul(g, normal), scale!.shape)]
  },
  rotary: (g, { inputs: [x, positions, cosine, sine] }) => {
    const half = cosine!.shape[1]!
    const [x1, x2] = split(x!, [half, half], -1) as [Value, Value]
    const [g1, g2] = split(g, [half, half], -1) as [Value, Value]
    const byRow = (slope: Value) => scatterAdd(zeros(cosine!.shape), positions!, sum(slope, { axes: 1 }))
    return [
      apply('rotary', [g, positions!, cosine!, neg(sine!)], {}), // the rotation by the opposite angle
      undefined,
      byRow(add(mul(g1, x1), mul(g2, x2))),
      byRow(sub(mul(g2, x1), mul(g1, x2))),
    ]
  },
  conv2d: (g, { inputs: [image, kernel], attributes }) => [
    apply('conv2dTranspose', [g, kernel!], {
      ...attributes,
      outputSize: [image!.shape[2]!, image!.shape[3]!],
    }),
    kernelVjp(image!, g, { ...attributes, kernel: kernel!.shape }),
  ],
  conv2dTranspose: (g, { inputs: [x, kernel], attributes }) => [
    conv2d(g, kernel!, attributes),
    kernelVjp(g, x!, { ...attributes, kernel: kernel!.shape }),
  ],
}

/** Sums a cotangent over the axes along which an operand of `shape` was broadcast. */
function sumTo(g: Value, shape: Shape): Value {
  const lead = g.shape.length - shape.length
  const axes = g.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  )
  return reshape(sum(g, { axes }), shape)
}

/** A reduced array with the reduced axes back as length 1. */
function kept(y: Value, shape: Shape, axes: readonly number[]): Value {
  return reshape(
    y,
    shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  )
}

function zeros(shape: Shape): Value {
  return broadcastTo(scalar(0), shape)
}

/** 1 where a < b, ½ where they are equal, else 0. */
function below(a: Value, b: Value): Value {
  return add(cast(less(a, b), 'float32'), mul(cast(equal(a, b), 'float32'), 0.5))
}

/** C = α·op(A)·op(B): dA = α·g·op(B)ᵀ, dB = α·op(A)ᵀ·g, transposed where the operand was. */
function matmulVjp(
  g: Value,
  { inputs, attributes }: Pick<Primal<'matmul'>, 'inputs' | 'attributes'>,
): (Value | undefined)[] {
  const [a, b] = inputs as [Value, Value]
  const { transposeA, transposeB, alpha } = attributes
  const da = transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true, alpha })
    : matmul(g, b, { transposeB: !transposeB, alpha })
  const db = transposeB
    ? matmul(g, a, { transposeA: true, transposeB: transposeA, alpha })
    : matmul(a, g, { transposeA: !transposeA, alpha })
  return [sumTo(da, a.shape), sumTo(db, b.shape)]
}

/** y = x·s with s = σ(2u), 2u = x(k + k·c·x²): dy/dx = s + y(1 − s)(k + 3k·c·x²). */
function tanhGeluSlope(x: Value, y: Value): Value {
  const k = 2 * Math.sqrt(2 / Math.PI)
  const c = 0.044715
  const squared = square(x)
  const s = sigmoid(mul(x, add(mul(squared, k * c), k)))
  return add(s, mul(sub(y, mul(y, s)), add(mul(squared, 3 * k * c), k)))
}

/** Φ(x) + x·φ(x) with the normal distribution's Φ and φ. */
function exactGeluSlope(x: Value): Value {
  const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5)
  return add(cumulative, mul(x, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))))
}

/** Kernel cotangent [O, C, h, w]: the image convolved with the output's cotangent, batch and channel axes exchanged. */
function kernelVjp(
  image: Value,
  g: Value,
  { kernel, ...attributes }: ConvolutionAttributes & { kernel: Shape },
): Value {
  const exchanged = [1, 0, 2, 3]
  const whole = conv2d(transpose(image, exchanged), transpose(g, exchanged), {
    strides: attributes.dilations,
    dilations: attributes.strides,
    padding: attributes.padding,
  })
  const trimmed = slice(slice(whole, 2, [0, kernel[2]!]), 3, [0, kernel[3]!])
  return transpose(trimmed, exchanged)
}
