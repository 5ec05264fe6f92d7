import { apply, type Value } from '../graph/node.ts'
import type { ConvolutionAttributes } from '../graph/primitives.ts'
import { reshape } from './shape.ts'

/** How a product of matrices reads its operands: op(A)·op(B)·alpha. */
export interface MatmulOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly alpha?: number
}

/** Product of (batches of) matrices; batch dimensions broadcast. */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  const attributes = { transposeA: false, transposeB: false, alpha: 1, ...options }
  if (a.shape.length === 2 && b.shape.length === 2) return apply('gemm', [a, b], attributes)
  if (b.shape.length === 2 && !attributes.transposeA) {
    // [..., M, K] · [K, N]: one product of [... M, K]
    const rows = apply('gemm', [reshape(a, [-1, a.shape.at(-1)!]), b], attributes)
    return reshape(rows, [...a.shape.slice(0, -1), rows.shape[1]!])
  }
  return apply('matmul', [a, b], attributes)
}

/** x·W (+ bias) over the last axis of x; `transposeB` for weights stored [out, in]. */
export function linear(x: Value, weight: Value, options: { bias?: Value; transposeB?: boolean } = {}): Value {
  const attributes = { transposeA: false, transposeB: options.transposeB ?? false, alpha: 1 }
  const inputs = [reshape(x, [-1, x.shape.at(-1)!]), weight, ...(options.bias ? [options.bias] : [])]
  const rows = apply('gemm', inputs, attributes)
  return reshape(rows, [...x.shape.slice(0, -1), rows.shape[1]!])
}

/** Two-dimensional convolution: image [N, C, H, W], kernel [O, C, h, w]. */
export function conv2d(image: Value, kernel: Value, options: Partial<ConvolutionAttributes> = {}): Value {
  return apply('conv2d', [image, kernel], {
    strides: [1, 1],
    padding: [0, 0, 0, 0],
    dilations: [1, 1],
    ...options,
  })
}
