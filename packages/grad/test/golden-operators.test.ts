import { expect, test } from 'vitest'
import {
  attention,
  causalBias,
  constant,
  ndarray,
  type Parameters,
  paddingBias,
  type Tensor,
  valueAndGrad,
} from '../src/index.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './golden.ts'

interface Case {
  readonly name: string
  readonly op: string
  readonly attributes: Attributes
  readonly inputs: Readonly<Record<string, StoredArray>>
  readonly output: StoredArray
  readonly cotangent: StoredArray
  readonly gradients: Readonly<Record<string, StoredArray>>
}

/** Attributes of all operators; each case has those of its own. */
interface Attributes {
  readonly approximate: 'tanh' | 'none'
  readonly low: number
  readonly high: number
  readonly axis: number
  readonly axes: readonly number[]
  readonly keepDims: boolean
  readonly epsilon: number
  readonly theta: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly strides: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilations: readonly [number, number]
}

type Inputs = Readonly<Record<string, Tensor>>
type Operator = (inputs: Inputs, attributes: Case['attributes']) => Tensor

const method =
  (
    name:
      | 'silu'
      | 'softplus'
      | 'erf'
      | 'sigmoid'
      | 'tanh'
      | 'logSigmoid'
      | 'exp'
      | 'log1p'
      | 'log'
      | 'sqrt'
      | 'rsqrt',
  ): Operator =>
  ({ x }) =>
    x![name]()

const operators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(
    (
      [
        'silu',
        'softplus',
        'erf',
        'sigmoid',
        'tanh',
        'logSigmoid',
        'exp',
        'log1p',
        'log',
        'sqrt',
        'rsqrt',
      ] as const
    ).map((name) => [name, method(name)]),
  ),
  gelu: ({ x }, { approximate }) => x!.gelu(approximate),
  pow: ({ x, y }) => x!.pow(y!),
  clip: ({ x }, { low, high }) => x!.clip(low, high),
  minimum: ({ input, other }) => input!.minimum(other!),
  maximum: ({ input, other }) => input!.maximum(other!),
  div: ({ x, y }) => x!.div(y!),
  softmax: ({ x }, { axis }) => x!.softmax(axis),
  logSoftmax: ({ x }, { axis }) => x!.logSoftmax(axis),
  logsumexp: ({ x }, { axis }) => x!.logsumexp(axis),
  max: ({ x }, reduction) => x!.max(reduction),
  min: ({ x }, reduction) => x!.min(reduction),
  mean: ({ x }, reduction) => x!.mean(reduction),
  sum: ({ x }, reduction) => x!.sum(reduction),
  layerNorm: ({ x, weight, bias }, { epsilon }) => x!.layerNorm(weight!, { bias: bias!, epsilon }),
  rmsNorm: ({ x, weight }, { epsilon }) => x!.rmsNorm(weight!, epsilon),
  matmul: ({ a, b }, options) => a!.matmul(b!, options),
  linear: ({ input, weight, bias }) => input!.linear(weight!, { bias, transposeB: true }),
  conv2d: ({ x, weight, bias }, { strides, padding: [vertical, horizontal], dilations }) => {
    const padding = [vertical, horizontal, vertical, horizontal] as const
    const product = x!.conv2d(weight!, { strides, padding, dilations })
    return bias ? product.add(bias.reshape([1, -1, 1, 1])) : product
  },
  embedding: ({ weight, indices }) => weight!.gather(indices!),
  gather: ({ x, indices }, { axis }) => x!.gather(indices!, axis),
  takeAlongAxis: ({ x, indices }, { axis }) => x!.takeAlongAxis(indices!, axis),
  indexAdd: ({ x, indices, updates }) => x!.scatterAdd(indices!, updates!),
  // out[i, index[i, j]] += updates[i, j] as a sum over one-hot rows
  putAlongAxisAdd: ({ x, indices, updates }) =>
    x!.add(indices!.oneHot(x!.shape[1]!).mul(updates!.expandDims(2)).sum({ axes: 1 })),
  rotary: ({ x, positions }, { theta }) => {
    const [length, half] = [8, x!.shape[3]! / 2]
    const table = (f: (angle: number) => number) =>
      constant(
        ndarray(
          Float32Array.from({ length: length * half }, (_, i) =>
            f(Math.floor(i / half) * theta ** (-(i % half) / half)),
          ),
          [length, half],
        ),
      )
    return x!.rotary(positions!, { cos: table(Math.cos), sin: table(Math.sin) })
  },
  attention: ({ q, k, v, mask }) => {
    const bias = causalBias(q!.shape[2]!).add(paddingBias(mask!))
    return attention({ queries: q!, keys: k!, values: v!, bias })
  },
  crossEntropy: ({ logits, targets, mask }) => {
    const counted = mask!.cast('float32')
    const logp = logits!.logSoftmax(-1).takeAlongAxis(targets!.expandDims(2), -1).squeeze(2)
    return logp.mul(counted).sum().neg().div(counted.sum())
  },
}

test.each(readFixture<{ cases: Case[] }>('operators').cases.map((golden) => [golden.name, golden] as const))(
  '%s: value and gradients are PyTorch’s',
  async (_, { op, attributes, inputs, output, cotangent, gradients }) => {
    const arrays = Object.entries(inputs).map(([name, array]) => [name, arrayOf(array)] as const)
    const differentiated = Object.fromEntries(arrays.filter(([name]) => name in gradients)) as Parameters
    const fixed = Object.fromEntries(arrays.filter(([name]) => !(name in gradients)))
    const program = valueAndGrad<[typeof fixed]>((weights, others) => {
      const result = operators[op]!({ ...weights, ...(others as Inputs) }, attributes)
      const loss = result.mul(constant(arrayOf(cotangent))).sum()
      return { loss, stats: { result } }
    })
    const { aux, grads } = await program(differentiated, fixed)
    const counted = (data: ArrayLike<number>) => Array.from(data, (x, i) => (cotangent.data[i] === 0 ? 0 : x))
    expect(aux.result!.shape).toEqual(output.shape)
    expect(relativeError(counted(aux.result!.data), counted(output.data))).toBeLessThan(2e-5)
    for (const [name, array] of Object.entries(gradients)) {
      expect(relativeError(grads[name]!.data, array.data), name).toBeLessThan(1e-4)
    }
  },
)
