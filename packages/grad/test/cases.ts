import { applyAll, type Value } from '../src/graph/node.ts'
import type { Primitive, Primitives } from '../src/graph/primitives.ts'
import type { NdArray, Shape } from '../src/ndarray.ts'
import { add, constant, sin, square } from '../src/ops/elementwise.ts'
import type { Draw } from './draw.ts'

/** One program around a primitive. */
export interface Case {
  readonly inputs: readonly NdArray[]
  readonly build: (inputs: Value[]) => Value[]
  /** Outputs that a loss may depend on; default: the first. */
  readonly differentiated?: readonly number[]
}

/** Random programs for every primitive. */
export const cases: { readonly [P in Primitive]: (draw: Draw) => Case } = {
  input: (d) => ({ inputs: [d.any(d.shape())], build: (x) => x }),
  constant: (d) => {
    const value = d.floats(d.shape())
    return { inputs: [d.floats(value.shape)], build: ([x]) => [add(x!, constant(value))] }
  },
  stopGradient: (d) => ({ ...of('stopGradient', [d.any(d.shape())], {}), differentiated: [] }),
  // sin with its own derivative by hand, through an argument that the result does not show
  customGradient: (d) => ({
    inputs: [d.floats(d.shape())],
    build: ([x]) =>
      applyAll('customGradient', [sin(square(x!)), square(x!)], {
        vjp: (g, [y]) => [applyAll('mul', [g, applyAll('cos', [y!], {})[0]!], {})[0]],
      }),
  }),
  barrier: (d) => of('barrier', [d.floats(d.shape()), d.floats(d.shape())], {}),
  cast: (d) => of('cast', [d.any(d.shape())], { dtype: d.pick(['float32', 'int32', 'bool'] as const) }),

  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log', [0.3, 4]),
  log1p: unary('log1p', [-0.7, 3]),
  sqrt: unary('sqrt', [0.3, 4]),
  reciprocal: unary('reciprocal', [0.4, 3]),
  abs: kinked('abs'),
  sign: kinked('sign'),
  sin: unary('sin', [-6, 6]),
  cos: unary('cos', [-6, 6]),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid', [-6, 6]),
  softplus: unary('softplus', [-6, 6]),
  erf: unary('erf'),
  relu: kinked('relu'),
  gelu: (d) => of('gelu', [d.floats(d.shape(), -4, 4)], { approximate: d.pick(['tanh', 'none'] as const) }),
  silu: unary('silu', [-6, 6]),

  add: (d) => pair('add', d, d.pick([d.floats, d.wholes])),
  sub: (d) => pair('sub', d, d.pick([d.floats, d.wholes])),
  mul: (d) => pair('mul', d, d.pick([d.floats, d.wholes])),
  div: (d) => pair('div', d, (shape) => d.floats(shape, 0.4, 3)),
  pow: (d) => pair('pow', d, (shape) => d.floats(shape, 0.4, 2.5)),
  minimum: (d) => pair('minimum', d, d.pick([d.distinct, d.wholes])),
  maximum: (d) => pair('maximum', d, d.pick([d.distinct, d.wholes])),
  less: (d) => pair('less', d, d.pick([d.distinct, d.wholes])),
  lessEqual: (d) => pair('lessEqual', d, d.pick([d.distinct, d.wholes])),
  equal: (d) => pair('equal', d, d.pick([d.distinct, d.wholes, d.booleans])),
  logicalAnd: (d) => pair('logicalAnd', d, d.booleans),
  logicalOr: (d) => pair('logicalOr', d, d.booleans),
  logicalNot: (d) => of('logicalNot', [d.booleans(d.shape())], {}),
  where: (d) => {
    const shape = d.shape()
    const types = [d.pick(['float32', 'int32', 'bool'] as const)]
    const [a, b] = [d.any(d.narrowed(shape), types), d.any(d.narrowed(shape), types)]
    return of('where', [d.booleans(d.narrowed(shape)), a, b], {})
  },

  sum: (d) => {
    const shape = d.shape({ min: 1 })
    const attributes = { axes: someAxes(d, shape), keepDims: d.boolean() }
    return of('sum', [d.any(shape, ['float32', 'int32'])], attributes)
  },
  max: (d) => {
    const shape = d.shape({ min: 1 })
    return of('max', [d.pick([d.distinct, d.wholes])(shape)], {
      axes: someAxes(d, shape),
      keepDims: d.boolean(),
    })
  },
  argmax: (d) => along('argmax', d),
  logsumexp: (d) => along('logsumexp', d),
  softmax: (d) => along('softmax', d),
  logSoftmax: (d) => along('logSoftmax', d),

  matmul: (d) => {
    const batch = d.shape({ max: 2 })
    const { a, b, attributes } = factors(d)
    return of('matmul', [d.floats([...d.narrowed(batch), ...a]), d.floats([...batch, ...b])], attributes)
  },
  gemm: (d) => {
    const { a, b, attributes, result } = factors(d)
    const bias = d.boolean() ? [d.floats(d.pick([result, result.slice(1), [1, result[1]!], []]))] : []
    return of('gemm', [d.floats(a), d.floats(b), ...bias], attributes)
  },

  reshape: (d) => {
    const shape = d.shape()
    return of('reshape', [d.any(shape)], {
      shape: d.pick([[...shape, 1], [...shape].reverse(), [1, ...shape]]),
    })
  },
  transpose: (d) => {
    const shape = d.shape({ max: 4 })
    const permutation = shape.map((_, axis) => axis).sort(() => (d.boolean() ? 1 : -1))
    return of('transpose', [d.any(shape)], { permutation })
  },
  broadcastTo: (d) => {
    const shape = d.shape()
    return of('broadcastTo', [d.any(d.narrowed(shape))], { shape })
  },
  slice: (d) => {
    const shape = d.shape({ min: 1 })
    const axis = d.integer(0, shape.length - 1)
    const start = d.integer(0, shape[axis]! - 1)
    return of('slice', [d.any(shape)], { axis, start, end: d.integer(start + 1, shape[axis]!) })
  },
  split: (d) => {
    const shape = d.shape({ min: 1 })
    const axis = d.integer(0, shape.length - 1)
    const sizes = Array.from({ length: d.integer(1, 3) }, () => d.integer(1, 4))
    const whole = shape.with(
      axis,
      sizes.reduce((a, b) => a + b),
    )
    const differentiated = sizes.map((_, part) => part).filter((part) => part === 0 || d.boolean())
    return { ...of('split', [d.any(whole)], { axis, sizes }), differentiated }
  },
  concat: (d) => {
    const shape = d.shape({ min: 1 })
    const axis = d.integer(0, shape.length - 1)
    const types = [d.pick(['float32', 'int32', 'bool'] as const)]
    const parts = Array.from({ length: d.integer(1, 3) }, () =>
      d.any(shape.with(axis, d.integer(1, 4)), types),
    )
    return of('concat', parts, { axis })
  },
  pad: (d) => {
    const shape = d.shape({ min: 1 })
    const counts = () => shape.map(() => d.integer(0, 2))
    return of('pad', [d.any(shape, ['float32', 'int32'])], { before: counts(), after: counts() })
  },

  gather: (d) => {
    const shape = d.shape({ min: 1 })
    return of('gather', [d.any(shape), d.integers(d.shape({ max: 2 }), 0, shape[0]!)], {})
  },
  scatterAdd: (d) => {
    const shape = d.shape({ min: 1 })
    const indices = d.integers(d.shape({ max: 2 }), 0, shape[0]!)
    return of('scatterAdd', [d.floats(shape), indices, d.floats([...indices.shape, ...shape.slice(1)])], {})
  },
  takeAlongAxis: (d) => {
    const { shape, axis, indices } = picked(d)
    return of('takeAlongAxis', [d.any(shape), indices], { axis })
  },
  putAlongAxisAdd: (d) => {
    const { shape, axis, indices } = picked(d)
    return of('putAlongAxisAdd', [d.floats(shape), indices, d.floats(indices.shape)], { axis })
  },

  // rows of two elements are ±1 whatever they were: their gradient is nothing but rounding
  layerNorm: (d) => {
    const shape = [...d.shape({ max: 2 }), d.integer(4, 9)]
    const vector = shape.slice(-1)
    return of('layerNorm', [d.distinct(shape), d.floats(vector), d.floats(vector)], { epsilon: 1e-5 })
  },
  rmsNorm: (d) => {
    const shape = [...d.shape({ max: 2 }), d.integer(2, 9)]
    return of('rmsNorm', [d.distinct(shape), d.floats(shape.slice(-1))], { epsilon: 1e-5 })
  },
  rotary: (d) => {
    const [batch, heads, time, half] = [
      d.integer(1, 2),
      d.integer(1, 3),
      d.integer(1, 4),
      d.integer(1, 4) * 4,
    ]
    const tables = [d.floats([6, half]), d.floats([6, half])] as const
    const positions = d.integers([batch, time], 0, 6)
    return of('rotary', [d.floats([batch, heads, time, 2 * half]), positions, ...tables], {})
  },
  conv2d: (d) => {
    const { image, kernel, attributes } = convolution(d)
    return of('conv2d', [d.floats(image), d.floats(kernel)], attributes)
  },
  conv2dTranspose: (d) => {
    const { image, kernel, attributes, result } = convolution(d)
    const outputSize = [image[2]!, image[3]!] as const
    return of('conv2dTranspose', [d.floats(result), d.floats(kernel)], { ...attributes, outputSize })
  },
}

function of<P extends Primitive>(primitive: P, inputs: readonly NdArray[], attributes: Primitives[P]): Case {
  return { inputs, build: (values) => applyAll(primitive, values, attributes) }
}

type Plain = { [P in Primitive]: Primitives[P] extends Readonly<Record<never, never>> ? P : never }[Primitive]

function unary(primitive: Plain, [low, high]: readonly [number, number] = [-2, 2]): (d: Draw) => Case {
  return (d) => ({
    inputs: [d.floats(d.shape(), low, high)],
    build: (values) => applyAll(primitive, values, {} as Primitives[Plain]),
  })
}

function kinked(primitive: Plain): (d: Draw) => Case {
  return (d) => ({
    inputs: [d.pick([d.distinct, ...(primitive === 'relu' ? [] : [d.wholes])])(d.shape())],
    build: (values) => applyAll(primitive, values, {} as Primitives[Plain]),
  })
}

function pair(primitive: Plain, d: Draw, array: (shape: Shape) => NdArray): Case {
  const shape = d.shape()
  const other = d.narrowed(shape)
  const [a, b] = d.boolean() ? [shape, other] : [other, shape]
  return {
    inputs: [array(a), array(b)],
    build: (values) => applyAll(primitive, values, {} as Primitives[Plain]),
  }
}

function along(primitive: 'argmax' | 'logsumexp' | 'softmax' | 'logSoftmax', d: Draw): Case {
  const shape = d.shape({ min: 1 })
  const axis = d.integer(0, shape.length - 1)
  return of(
    primitive,
    [primitive === 'argmax' ? d.pick([d.distinct, d.wholes])(shape) : d.floats(shape, -5, 5)],
    { axis },
  )
}

function someAxes(d: Draw, shape: Shape): number[] {
  const axes = shape.map((_, axis) => axis).filter(() => d.boolean())
  return axes.length === 0 ? [d.integer(0, shape.length - 1)] : axes
}

function factors(d: Draw) {
  const [rows, inner, columns] = [d.integer(1, 5), d.integer(1, 5), d.integer(1, 5)]
  const attributes = { transposeA: d.boolean(), transposeB: d.boolean(), alpha: d.pick([1, 0.5, -2]) }
  return {
    a: attributes.transposeA ? [inner, rows] : [rows, inner],
    b: attributes.transposeB ? [columns, inner] : [inner, columns],
    result: [rows, columns],
    attributes,
  }
}

/** Positions along one axis for takeAlongAxis and its like; they may repeat. */
function picked(d: Draw) {
  const shape = d.shape({ min: 1 })
  const axis = d.integer(0, shape.length - 1)
  return { shape, axis, indices: d.integers(shape.with(axis, d.integer(1, 4)), 0, shape[axis]!) }
}

function convolution(d: Draw) {
  const two = (min: number, max: number) => [d.integer(min, max), d.integer(min, max)] as [number, number]
  const [strides, dilations, window] = [two(1, 2), two(1, 2), two(1, 3)]
  const padding = [...two(0, 2), ...two(0, 2)] as [number, number, number, number]
  const [batch, channels, filters] = [d.integer(1, 2), d.integer(1, 3), d.integer(1, 3)]
  const reach = ([0, 1] as const).map((axis) => dilations[axis] * (window[axis] - 1) + 1) as [number, number]
  const size = reach.map((length) => length + d.integer(0, 4)) as [number, number]
  const output = ([0, 1] as const).map(
    (axis) =>
      Math.floor((size[axis] + padding[axis]! + padding[axis + 2]! - reach[axis]) / strides[axis]) + 1,
  )
  return {
    image: [batch, channels, ...size],
    kernel: [filters, channels, ...window],
    result: [batch, filters, ...output],
    attributes: { strides, padding, dilations },
  }
}
