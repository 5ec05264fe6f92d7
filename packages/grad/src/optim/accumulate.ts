import type { Parameters } from '../ndarray.ts'

/** Adds gradients of a further micro-batch to a running sum in place and returns the sum. */
export function accumulate(total: Parameters, gradients: Parameters): Parameters {
  for (const [name, { data, shape }] of Object.entries(gradients)) {
    const sum = total[name]
    if (!sum) throw new TypeError(`there is no sum for the gradient of '${name}'`)
    if (sum.data.length !== data.length)
      throw new TypeError(`the gradient of '${name}' is [${shape}], the sum [${sum.shape}]`)
    for (let i = 0; i < data.length; i++) sum.data[i] = sum.data[i]! + data[i]!
  }
  return total
}
