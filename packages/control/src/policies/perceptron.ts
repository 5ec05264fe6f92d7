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
  const y = new Float32Array((x.length / ins) * outs)
  const whole = outs - (outs % 4)
  for (let from = 0, at = 0; from < x.length; from += ins) {
    // Four outputs side by side: one sum would wait for itself, and every x is read once for all four.
    for (let out = 0; out < whole; out += 4) {
      let a = 0
      let b = 0
      let c = 0
      let d = 0
      for (let i = 0, w = out * ins; i < ins; i++, w++) {
        const z = x[from + i]!
        a += weight[w]! * z
        b += weight[w + ins]! * z
        c += weight[w + 2 * ins]! * z
        d += weight[w + 3 * ins]! * z
      }
      y[at++] = bias[out]! + a
      y[at++] = bias[out + 1]! + b
      y[at++] = bias[out + 2]! + c
      y[at++] = bias[out + 3]! + d
    }
    for (let out = whole; out < outs; out++) {
      let sum = bias[out]!
      for (let i = 0, w = out * ins; i < ins; i++, w++) sum += weight[w]! * x[from + i]!
      y[at++] = sum
    }
  }
  return y
}

function layerNames({ name, sizes }: Pick<Perceptron, 'name' | 'sizes'>): string[] {
  return Array.from({ length: sizes.length - 1 }, (_, i) => `${name}.${2 * i}`)
}
