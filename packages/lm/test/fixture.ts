import { readFileSync } from 'node:fs'
import { boolArray, intArray, type NdArray, ndarray } from '@attune/grad'

/** An array as `scripts/golden/common.py` writes it. */
export interface StoredArray {
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly shape: readonly number[]
  readonly data?: readonly number[]
  /** Little-endian float32. */
  readonly base64?: string
}

/** A fixture of golden numbers. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(`packages/lm/fixtures/${name}.json`, 'utf8')) as T
}

/** A stored array as a concrete one. */
export function arrayOf({ dtype, shape, data, base64 }: StoredArray): NdArray {
  if (base64 !== undefined) {
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
    return ndarray(new Float32Array(bytes.buffer), shape)
  }
  if (dtype === 'float32') return ndarray([...data!], shape)
  return dtype === 'int32'
    ? intArray(Int32Array.from(data!), shape)
    : boolArray(Uint8Array.from(data!), shape)
}

/** Largest difference relative to the largest golden number. */
export function relativeError(ours: ArrayLike<number>, golden: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-12]
  for (let i = 0; i < golden.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i]! - golden[i]!))
    size = Math.max(size, Math.abs(golden[i]!))
  }
  return difference / size
}
