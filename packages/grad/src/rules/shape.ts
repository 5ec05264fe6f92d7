import type { AbstractArray, ConvolutionAttributes, Primitive, Primitives } from '../graph/primitives.ts'
import { type DType, type Shape, sizeOf } from '../ndarray.ts'

/** From the inputs' shapes and types to the outputs'; throws when they do not fit. */
export type ShapeRule<P extends Primitive> = (
  inputs: readonly AbstractArray[],
  attributes: Primitives[P],
) => AbstractArray[]

/** Shapes of every primitive. */
export const shapeRules: { readonly [P in Primitive]: ShapeRule<P> } = {
  input: (_, { shape, dtype }) => [{ shape, dtype }],
  constant: (_, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  stopGradient: ([x]) => [x!],
  customGradient: ([result]) => [result!],
  barrier: ([x]) => [x!],
  cast: ([x], { dtype }) => [{ shape: x!.shape, dtype }],

  neg: numbers('neg', unary),
  exp: floats('exp'),
  log: floats('log'),
  log1p: floats('log1p'),
  sqrt: floats('sqrt'),
  reciprocal: floats('reciprocal'),
  abs: numbers('abs', unary),
  sign: numbers('sign', unary),
  sin: floats('sin'),
  cos: floats('cos'),
  tanh: floats('tanh'),
  sigmoid: floats('sigmoid'),
  softplus: floats('softplus'),
  erf: floats('erf'),
  relu: floats('relu'),
  gelu: floats('gelu'),
  silu: floats('silu'),

  add: numbers('add', binary),
  sub: numbers('sub', binary),
  mul: numbers('mul', binary),
  div: numbers('div', binary),
  pow: numbers('pow', binary),
  minimum: numbers('minimum', binary),
  maximum: numbers('maximum', binary),
  less: numbers('less', comparison),
  lessEqual: numbers('lessEqual', comparison),
  equal: comparison,
  logicalAnd: logical,
  logicalOr: logical,
  logicalNot: ([x]) => [expectType(x!, 'bool', 'logicalNot')],
  where: ([condition, a, b]) => {
    expectType(condition!, 'bool', 'where')
    const [{ dtype }] = binary([a!, b!]) as [AbstractArray]
    return [{ shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)), dtype }]
  },

  sum: numbers('sum', reduction),
  max: numbers('max', reduction),
  argmax: ([x], { axis }) => [{ shape: reducedShape(x!.shape, [axis], false), dtype: 'int32' }],
  logsumexp: ([x], { axis }) => [
    { shape: reducedShape(expectType(x!, 'float32', 'logsumexp').shape, [axis], false), dtype: 'float32' },
  ],
  softmax: floats('softmax'),
  logSoftmax: floats('logSoftmax'),

  matmul: (inputs, attributes) => [{ shape: matmulShape(inputs, attributes), dtype: 'float32' }],
  gemm: (inputs, attributes) => {
    const [a, b, bias] = inputs
    const shape = matmulShape(inputs, attributes)
    if (shape.length !== 2) throw new TypeError(`gemm takes matrices, found [${a!.shape}] and [${b!.shape}]`)
    if (bias && !broadcastsTo(bias.shape, shape)) {
      throw new TypeError(`gemm: bias [${bias.shape}] does not broadcast to [${shape}]`)
    }
    return [{ shape, dtype: 'float32' }]
  },

  reshape: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape)) throw new TypeError(`cannot reshape [${x!.shape}] to [${shape}]`)
    return [{ shape, dtype: x!.dtype }]
  },
  transpose: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b)
    if (permutation.length !== x!.shape.length || sorted.some((axis, index) => axis !== index)) {
      throw new TypeError(`[${permutation}] is not a permutation of the axes of [${x!.shape}]`)
    }
    return [{ shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype }]
  },
  broadcastTo: ([x], { shape }) => {
    if (!broadcastsTo(x!.shape, shape)) {
      throw new TypeError(`cannot broadcast [${x!.shape}] to [${shape}]`)
    }
    return [{ shape, dtype: x!.dtype }]
  },
  slice: ([x], { axis, start, end }) => {
    if (start < 0 || end > x!.shape[axis]! || start > end) {
      throw new RangeError(`slice ${start}:${end} of axis ${axis} is outside [${x!.shape}]`)
    }
    return [{ shape: replaced(x!.shape, axis, end - start), dtype: x!.dtype }]
  },
  split: ([x], { axis, sizes }) => {
    if (sizes.reduce((a, b) => a + b, 0) !== x!.shape[axis]) {
      throw new TypeError(`split sizes [${sizes}] do not add up to axis ${axis} of [${x!.shape}]`)
    }
    return sizes.map((size) => ({ shape: replaced(x!.shape, axis, size), dtype: x!.dtype }))
  },
  concat: (inputs, { axis }) => {
    const [first] = inputs
    const mark = ({ dtype, shape }: AbstractArray) => `${dtype}[${shape}]`
    for (const other of inputs) {
      const fits = sameShape(replaced(other.shape, axis, 0), replaced(first!.shape, axis, 0))
      if (!fits || other.dtype !== first!.dtype)
        throw new TypeError(`cannot concatenate ${mark(other)} with ${mark(first!)} along axis ${axis}`)
    }
    const length = inputs.reduce((total, { shape }) => total + shape[axis]!, 0)
    return [{ shape: replaced(first!.shape, axis, length), dtype: first!.dtype }]
  },
  pad: ([x], { before, after }) => {
    const rank = x!.shape.length
    if (before.length !== rank || after.length !== rank)
      throw new TypeError(`pad: ${before.length} and ${after.length} counts for an array of rank ${rank}`)
    return [{ shape: x!.shape.map((length, axis) => length + before[axis]! + after[axis]!), dtype: x!.dtype }]
  },

  // operand [V, …], indices I → [I…, …]
  gather: ([operand, indices]) => {
    expectType(indices!, 'int32', 'gather')
    if (operand!.shape.length === 0) throw new TypeError('gather takes rows of an array, found a scalar')
    return [{ shape: [...indices!.shape, ...operand!.shape.slice(1)], dtype: operand!.dtype }]
  },
  // operand [V, …], indices I, updates [I…, …] → operand's shape
  scatterAdd: ([operand, indices, updates]) => {
    expectType(indices!, 'int32', 'scatterAdd')
    const expected = [...indices!.shape, ...operand!.shape.slice(1)]
    if (!sameShape(updates!.shape, expected)) {
      throw new TypeError(`scatterAdd: updates are [${updates!.shape}], expected [${expected}]`)
    }
    return [operand!]
  },
  takeAlongAxis: ([operand, indices], { axis }) => {
    expectType(indices!, 'int32', 'takeAlongAxis')
    if (!sameShape(replaced(operand!.shape, axis, 0), replaced(indices!.shape, axis, 0))) {
      throw new TypeError(
        `takeAlongAxis: indices [${indices!.shape}] and operand [${operand!.shape}] differ beyond axis ${axis}`,
      )
    }
    return [{ shape: indices!.shape, dtype: operand!.dtype }]
  },
  putAlongAxisAdd: ([operand, indices, updates]) => {
    expectType(indices!, 'int32', 'putAlongAxisAdd')
    if (!sameShape(indices!.shape, updates!.shape))
      throw new TypeError(
        `putAlongAxisAdd: indices [${indices!.shape}] and updates [${updates!.shape}] differ`,
      )
    return [operand!]
  },

  // → normalised, mean, 1/deviation
  layerNorm: ([x, scale, bias]) => {
    expectVector(scale!, x!, 'layerNorm: scale')
    expectVector(bias!, x!, 'layerNorm: bias')
    const statistic: AbstractArray = { shape: lastReduced(x!.shape), dtype: 'float32' }
    return [x!, statistic, statistic]
  },
  // → normalised, 1/root mean square
  rmsNorm: ([x, scale]) => {
    expectVector(scale!, x!, 'rmsNorm: scale')
    return [x!, { shape: lastReduced(x!.shape), dtype: 'float32' }]
  },
  // x [B, H, T, D], positions [B, T], cos and sin [M, D/2]
  rotary: ([x, positions, cos]) => {
    expectType(positions!, 'int32', 'rotary')
    if (x!.shape.length !== 4 || cos!.shape[1] !== x!.shape[3]! / 2) {
      throw new TypeError(
        `rotary: x is [${x!.shape}], the tables [${cos!.shape}]; expected [B, H, T, D] and [M, D/2]`,
      )
    }
    return [x!]
  },
  conv2d: ([x, kernel], attributes) => {
    if (x!.shape.length !== 4 || kernel!.shape.length !== 4 || x!.shape[1] !== kernel!.shape[1]) {
      throw new TypeError(
        `conv2d: image is [${x!.shape}], kernel [${kernel!.shape}]; expected [N, C, H, W] and [O, C, h, w]`,
      )
    }
    const [height, width] = convolvedSize(x!.shape, kernel!.shape, attributes)
    return [{ shape: [x!.shape[0]!, kernel!.shape[0]!, height, width], dtype: 'float32' }]
  },
  conv2dTranspose: ([x, kernel], { outputSize }) => [
    { shape: [x!.shape[0]!, kernel!.shape[1]!, ...outputSize], dtype: 'float32' },
  ],
}

/** Shape of two arrays broadcast together (NumPy's rule). */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) {
      throw new TypeError(`shapes [${a}] and [${b}] do not broadcast`)
    }
    return left === 1 ? right : left
  })
}

/** Whether an array of one shape can be broadcast to exactly the other. */
export function broadcastsTo(shape: Shape, target: Shape): boolean {
  const lead = target.length - shape.length
  return lead >= 0 && shape.every((length, axis) => length === 1 || length === target[lead + axis])
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis])
}

/** `shape` with one dimension replaced. */
export function replaced(shape: Shape, axis: number, length: number): Shape {
  return shape.map((dimension, index) => (index === axis ? length : dimension))
}

/** `shape` after a reduction over `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension))
  return shape.filter((_, axis) => !axes.includes(axis))
}

/** Height and width of a convolution's result. */
export function convolvedSize(
  image: Shape,
  kernel: Shape,
  attributes: ConvolutionAttributes,
): [number, number] {
  const size = (axis: 0 | 1) => {
    const padded = image[axis + 2]! + attributes.padding[axis]! + attributes.padding[axis + 2]!
    return (
      Math.floor(
        (padded - attributes.dilations[axis] * (kernel[axis + 2]! - 1) - 1) / attributes.strides[axis],
      ) + 1
    )
  }
  return [size(0), size(1)]
}

function unary([x]: readonly AbstractArray[]): AbstractArray[] {
  return [x!]
}

function floats<P extends Primitive>(name: P): ShapeRule<P> {
  return ([x]) => [expectType(x!, 'float32', name)]
}

function numbers<P extends Primitive>(name: P, rule: ShapeRule<P>): ShapeRule<P> {
  return (inputs, attributes) => {
    for (const { dtype, shape } of inputs)
      if (dtype === 'bool') throw new TypeError(`${name} takes numbers, found bool[${shape}]`)
    return rule(inputs, attributes)
  }
}

function reduction([x]: readonly AbstractArray[], { axes, keepDims }: Primitives['sum']): AbstractArray[] {
  return [{ shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype }]
}

function binary([a, b]: readonly AbstractArray[]): AbstractArray[] {
  if (a!.dtype !== b!.dtype) {
    throw new TypeError(`operands differ in type: ${a!.dtype}[${a!.shape}] and ${b!.dtype}[${b!.shape}]`)
  }
  return [{ shape: broadcastShapes(a!.shape, b!.shape), dtype: a!.dtype }]
}

function comparison(inputs: readonly AbstractArray[]): AbstractArray[] {
  return [{ shape: binary(inputs)[0]!.shape, dtype: 'bool' }]
}

function logical(inputs: readonly AbstractArray[]): AbstractArray[] {
  return [expectType(binary(inputs)[0]!, 'bool', 'a logical operation')]
}

function expectType(x: AbstractArray, dtype: DType, where: string): AbstractArray {
  if (x.dtype !== dtype) throw new TypeError(`${where} takes ${dtype}, found ${x.dtype}[${x.shape}]`)
  return x
}

function expectVector(vector: AbstractArray, x: AbstractArray, where: string): void {
  expectType(x, 'float32', where)
  if (!sameShape(vector.shape, x.shape.slice(-1)))
    throw new TypeError(`${where} is [${vector.shape}], expected [${x.shape.slice(-1)}]`)
}

function lastReduced(shape: Shape): Shape {
  return replaced(shape, shape.length - 1, 1)
}

function matmulShape(
  inputs: readonly AbstractArray[],
  { transposeA, transposeB }: Primitives['matmul'],
): Shape {
  for (const input of inputs) expectType(input, 'float32', 'matmul')
  const [a, b] = inputs.map(({ shape }) => shape) as [Shape, Shape]
  if (a.length < 2 || b.length < 2) throw new TypeError(`matmul takes matrices, found [${a}] and [${b}]`)
  const [rows, inner] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!]
  const [innerB, columns] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!]
  if (inner !== innerB) {
    const mark = (flag: boolean) => (flag ? 'ᵀ' : '')
    throw new TypeError(`matmul: [${a}]${mark(transposeA)} and [${b}]${mark(transposeB)} do not fit`)
  }
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), rows, columns]
}
