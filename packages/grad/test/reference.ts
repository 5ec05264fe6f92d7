import { topologicalOrder, type Value } from '../src/graph/node.ts'
import type { ConvolutionAttributes, Node, Primitive, Primitives } from '../src/graph/primitives.ts'
import type { Shape } from '../src/ndarray.ts'
import { type Array64, at, moved, ravel, reduceOver, tabulate, unravel, widened } from './array64.ts'

/** From the inputs to the outputs in double precision, by the definition and without regard to speed. */
type Meaning<P extends Primitive> = (
  inputs: readonly Array64[],
  attributes: Primitives[P],
  shapes: readonly [Shape, ...Shape[]],
) => Array64[]

/** What every primitive computes. */
export const meanings: { readonly [P in Primitive]: Meaning<P> } = {
  input: () => {
    throw new Error('inputs are given')
  },
  constant: (_, { value }) => [widened(value)],
  stopGradient: ([x]) => [x!],
  customGradient: ([result]) => [result!],
  barrier: ([x]) => [x!],
  cast: ([x], { dtype }) => [
    each((v) => (dtype === 'bool' ? Number(v !== 0) : dtype === 'int32' ? Math.trunc(v) : v))(x!),
  ],

  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  erf: unary(erf),
  relu: unary((x) => Math.max(x, 0)),
  gelu: ([x], { approximate }) => [
    each((v) =>
      approximate === 'tanh'
        ? (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))
        : (v / 2) * (1 + erf(v / Math.SQRT2)),
    )(x!),
  ],
  silu: unary((x) => x * sigmoid(x)),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  pow: binary((a, b) => a ** b),
  minimum: binary(Math.min),
  maximum: binary(Math.max),
  less: binary((a, b) => Number(a < b)),
  lessEqual: binary((a, b) => Number(a <= b)),
  equal: binary((a, b) => Number(a === b)),
  logicalAnd: binary((a, b) => a & b),
  logicalOr: binary((a, b) => a | b),
  logicalNot: unary((x) => 1 - x),
  where: ([condition, a, b], _, [shape]) => [
    tabulate(shape, (i) => (at(condition!, i) ? at(a!, i) : at(b!, i))),
  ],

  sum: ([x], { axes }, [shape]) => [reduceOver(x!, { axes, shape }, total)],
  max: ([x], { axes }, [shape]) => [reduceOver(x!, { axes, shape }, (values) => Math.max(...values))],
  argmax: ([x], { axis }, [shape]) => [
    reduceOver(x!, { axes: [axis], shape }, (values) => values.indexOf(Math.max(...values))),
  ],
  logsumexp: ([x], { axis }, [shape]) => [reduceOver(x!, { axes: [axis], shape }, logSumExp)],
  softmax: ([x], { axis }) => [tabulate(x!.shape, (i) => Math.exp(at(x!, i) - logSumExp(line(x!, i, axis))))],
  logSoftmax: ([x], { axis }) => [tabulate(x!.shape, (i) => at(x!, i) - logSumExp(line(x!, i, axis)))],

  matmul: ([a, b], attributes, [shape]) => [product([a!, b!], attributes, shape)],
  gemm: ([a, b, bias], attributes, [shape]) => {
    const rows = product([a!, b!], attributes, shape)
    return [bias ? tabulate(shape, (i) => at(rows, i) + at(bias, i)) : rows]
  },

  reshape: ([x], { shape }) => [{ shape, data: x!.data }],
  transpose: ([x], { permutation }, [shape]) => [
    tabulate(shape, (i) =>
      at(
        x!,
        permutation.map((_, axis) => i[permutation.indexOf(axis)]!),
      ),
    ),
  ],
  broadcastTo: ([x], { shape }) => [tabulate(shape, (i) => at(x!, i))],
  slice: ([x], { axis, start }, [shape]) => [
    tabulate(shape, (i) => at(x!, moved(i, axis, i[axis]! + start))),
  ],
  split: ([x], { axis, sizes }, shapes) =>
    shapes.map((shape, part) => {
      const start = total(sizes.slice(0, part))
      return tabulate(shape, (i) => at(x!, moved(i, axis, i[axis]! + start)))
    }),
  concat: (inputs, { axis }, [shape]) => [
    tabulate(shape, (i) => {
      let position = i[axis]!
      const source = inputs.find((x) => {
        if (position < x.shape[axis]!) return true
        position -= x.shape[axis]!
        return false
      })
      return at(source!, moved(i, axis, position))
    }),
  ],
  pad: ([x], { before }, [shape]) => [
    tabulate(shape, (i) => {
      const inner = i.map((position, axis) => position - before[axis]!)
      return inner.every((p, axis) => p >= 0 && p < x!.shape[axis]!) ? at(x!, inner) : 0
    }),
  ],

  gather: ([operand, indices], _, [shape]) => [
    tabulate(shape, (i) => {
      const lead = indices!.shape.length
      return at(operand!, [at(indices!, i.slice(0, lead)), ...i.slice(lead)])
    }),
  ],
  scatterAdd: ([operand, indices, updates]) => [
    added(operand!, updates!, (i) => {
      const lead = indices!.shape.length
      return [at(indices!, i.slice(0, lead)), ...i.slice(lead)]
    }),
  ],
  takeAlongAxis: ([operand, indices], { axis }) => [
    tabulate(indices!.shape, (i) => at(operand!, moved(i, axis, at(indices!, i)))),
  ],
  putAlongAxisAdd: ([operand, indices, updates], { axis }) => [
    added(operand!, updates!, (i) => moved(i, axis, at(indices!, i))),
  ],

  layerNorm: ([x, scale, bias], { epsilon }, [, reduced]) => {
    const axes = { axes: [x!.shape.length - 1], shape: reduced! }
    const average = reduceOver(x!, axes, mean)
    const inverse = reduceOver(x!, axes, (v) => (mean(v.map((e) => e * e)) - mean(v) ** 2 + epsilon) ** -0.5)
    const normal = (i: readonly number[]) => (at(x!, i) - at(average, i)) * at(inverse, i)
    return [tabulate(x!.shape, (i) => normal(i) * at(scale!, i) + at(bias!, i)), average, inverse]
  },
  rmsNorm: ([x, scale], { epsilon }, [, reduced]) => {
    const axes = { axes: [x!.shape.length - 1], shape: reduced! }
    const inverse = reduceOver(x!, axes, (v) => (mean(v.map((e) => e * e)) + epsilon) ** -0.5)
    return [tabulate(x!.shape, (i) => at(x!, i) * at(inverse, i) * at(scale!, i)), inverse]
  },
  rotary: ([x, positions, cos, sin]) => {
    const half = x!.shape[3]! / 2
    return [
      tabulate(x!.shape, (i) => {
        const [batch, , time, place] = i as [number, number, number, number]
        const angle = [at(positions!, [batch, time]), place % half]
        const [partner, sign] = place < half ? [place + half, -1] : [place - half, 1]
        return at(x!, i) * at(cos!, angle) + sign * at(x!, moved(i, 3, partner)) * at(sin!, angle)
      }),
    ]
  },
  conv2d: ([image, kernel], attributes, [shape]) => [
    tabulate(shape, ([n, o, y, x]: readonly number[]) => {
      const rest = kernel!.shape.slice(1)
      return total(
        tabulate(rest, ([c, h, w]: readonly number[]) => {
          const place = imagePlace([y!, x!], [h!, w!], attributes)
          return atOrZero(image!, [n!, c!, ...place]) * at(kernel!, [o!, c!, h!, w!])
        }).data,
      )
    }),
  ],
  // the adjoint of conv2d: every product goes where conv2d would have read it
  conv2dTranspose: ([x, kernel], attributes, [shape]) => {
    const result = tabulate(shape, () => 0)
    for (let a = 0; a < x!.data.length; a++) {
      const [n, o, i, j] = unravel(a, x!.shape)
      tabulate(kernel!.shape.slice(1), ([c, h, w]: readonly number[]) => {
        const [row, column] = imagePlace([i!, j!], [h!, w!], attributes) as [number, number]
        if (row >= 0 && row < shape[2]! && column >= 0 && column < shape[3]!)
          result.data[ravel([n!, c!, row, column], shape)]! += x!.data[a]! * at(kernel!, [o!, c!, h!, w!])
        return 0
      })
    }
    return [result]
  },
}

/** Values of a graph in double precision, with inputs given by name. */
export function evaluate(outputs: readonly Value[], inputs: ReadonlyMap<string, Array64>): Array64[] {
  const known = new Map<Node, readonly Array64[]>()
  const resultOf = (value: Value) => known.get(value.node)![value.index]!
  for (const node of topologicalOrder(outputs)) {
    const meaning = meanings[node.primitive] as Meaning<Primitive>
    known.set(
      node,
      node.primitive === 'input'
        ? [inputs.get((node as Node<'input'>).attributes.name)!]
        : meaning(node.inputs.map(resultOf), node.attributes, shapesOf(node)),
    )
  }
  return outputs.map(resultOf)
}

function shapesOf(node: Node): [Shape, ...Shape[]] {
  return node.outputs.map((output) => output.shape) as [Shape, ...Shape[]]
}

function each(f: (x: number) => number): (x: Array64) => Array64 {
  return ({ shape, data }) => ({ shape, data: data.map((v) => f(v)) })
}

function unary(f: (x: number) => number): (inputs: readonly Array64[]) => Array64[] {
  return ([x]) => [each(f)(x!)]
}

function binary<P extends Primitive>(f: (a: number, b: number) => number): Meaning<P> {
  return ([a, b], _, [shape]) => [tabulate(shape, (i) => f(at(a!, i), at(b!, i)))]
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n!(2n+1)); good to 1e-9 for |x| ≤ 4. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x)
  let [sum, term] = [0, x]
  for (let n = 0; n < 100; n++) {
    sum += term / (2 * n + 1)
    term *= -(x * x) / (n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0)
}

function mean(values: readonly number[]): number {
  return total(values) / values.length
}

function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values)
  return largest + Math.log(total(values.map((v) => Math.exp(v - largest))))
}

/** The values along an axis through an index. */
function line(x: Array64, index: readonly number[], axis: number): number[] {
  return Array.from({ length: x.shape[axis]! }, (_, position) => at(x, moved(index, axis, position)))
}

function product(
  [a, b]: readonly [Array64, Array64],
  { transposeA, transposeB, alpha }: Primitives['matmul'],
  shape: readonly number[],
): Array64 {
  const inner = a.shape.at(transposeA ? -2 : -1)!
  return tabulate(shape, (index) => {
    const batch = index.slice(0, -2)
    const [row, column] = index.slice(-2) as [number, number]
    const terms = Array.from({ length: inner }, (_, k) => {
      const left = at(a, [...batch, ...(transposeA ? [k, row] : [row, k])])
      return left * at(b, [...batch, ...(transposeB ? [column, k] : [k, column])])
    })
    return alpha * total(terms)
  })
}

function added(operand: Array64, updates: Array64, target: (index: number[]) => number[]): Array64 {
  const data = operand.data.slice()
  updates.data.forEach((value, flat) => {
    data[ravel(target(unravel(flat, updates.shape)), operand.shape)]! += value
  })
  return { shape: operand.shape, data }
}

function imagePlace(
  output: readonly [number, number],
  kernel: readonly [number, number],
  { strides, padding, dilations }: ConvolutionAttributes,
): number[] {
  return ([0, 1] as const).map((a) => output[a] * strides[a] + kernel[a] * dilations[a] - padding[a]!)
}

function atOrZero(x: Array64, index: readonly number[]): number {
  return index.every((p, axis) => p >= 0 && p < x.shape[axis]!) ? at(x, index) : 0
}
