import { type Parameters, type Tensor, zeros } from '@attune/grad'
import { orthogonal } from './orthogonal.ts'

/**
 * A perceptron with tanh between its layers, under PyTorch's names for `nn.Sequential(Linear, Tanh, Linear, …)`:
 * `<name>.0.weight` [out, in], `<name>.0.bias`, `<name>.2.weight`, …
 */
export interface Perceptron {
  readonly name: string
  /** Sizes of input, hidden layers and output. */
  readonly sizes: readonly number[]
  /** Gain of the last layer's orthogonal weights; the others have √2. */
  readonly lastGain: number
}

/** Initial weights: orthogonal, biases 0 (details 2 of Huang et al. 2022). */
export function perceptronParameters({ name, sizes, lastGain }: Perceptron, seed: number): Parameters {
  return Object.fromEntries(
    layerNames({ name, sizes }).flatMap((layer, i) => {
      const gain = i === sizes.length - 2 ? lastGain : Math.SQRT2
      const shape = [sizes[i + 1]!, sizes[i]!] as const
      return [
        [`${layer}.weight`, orthogonal(shape, { gain, seed, name: layer })],
        [`${layer}.bias`, zeros([sizes[i + 1]!])],
      ]
    }),
  )
}

/** The output [B, out] of an input [B, in], as part of a program. */
export function perceptron(
  shape: Perceptron,
  parameters: Readonly<Record<string, Tensor>>,
  input: Tensor,
): Tensor {
  return layerNames(shape).reduce((x, layer, i) => {
    const y = x.linear(parameters[`${layer}.weight`]!, {
      bias: parameters[`${layer}.bias`],
      transposeB: true,
    })
    return i === shape.sizes.length - 2 ? y : y.tanh()
  }, input)
}

/** The same in plain loops: for a few rows quicker than a call of ONNX Runtime (bench/ours/environments.ts). */
export function plainPerceptron(
  shape: Perceptron,
  parameters: Parameters,
): (input: Float32Array) => Float32Array {
  const layers = layerNames(shape).map((layer) => ({
    weight: parameters[`${layer}.weight`]!.data,
    bias: parameters[`${layer}.bias`]!.data,
  }))
  return (input) =>
    layers.reduce((x, layer, i) => {
      const y = affine(x, layer)
      if (i < layers.length - 1) for (let j = 0; j < y.length; j++) y[j] = Math.tanh(y[j]!)
      return y
    }, input)
}

/** W·x + b of every row. x: [B, in], W: [out, in]. */
function affine(
  x: Float32Array,
  { weight, bias }: { readonly weight: Float32Array; readonly bias: Float32Array },
): Float32Array {
  const outs = bias.length
  const ins = weight.length / outs
  const rows = x.length / ins
  const y = new Float32Array(rows * outs)
  for (let row = 0; row < rows; row++)
    for (let out = 0; out < outs; out++) {
      // Four sums side by side: one sum would wait for itself.
      let [a, b, c, d] = [bias[out]!, 0, 0, 0]
      const [from, at] = [row * ins, out * ins]
      const whole = ins - (ins % 4)
      for (let i = 0; i < whole; i += 4) {
        a += weight[at + i]! * x[from + i]!
        b += weight[at + i + 1]! * x[from + i + 1]!
        c += weight[at + i + 2]! * x[from + i + 2]!
        d += weight[at + i + 3]! * x[from + i + 3]!
      }
      for (let i = whole; i < ins; i++) a += weight[at + i]! * x[from + i]!
      y[row * outs + out] = a + b + c + d
    }
  return y
}

function layerNames({ name, sizes }: Pick<Perceptron, 'name' | 'sizes'>): string[] {
  return Array.from({ length: sizes.length - 1 }, (_, i) => `${name}.${2 * i}`)
}
