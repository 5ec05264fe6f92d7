import { readFileSync } from 'node:fs'
import { boolArray, intArray, type NdArray, ndarray } from '../src/index.ts'

/** An array as `scripts/golden/common.py` writes it. */
export interface StoredArray {
  readonly dtype: NdArray['dtype']
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** A fixture of golden numbers. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(`packages/grad/fixtures/${name}.json`, 'utf8')) as T
}

/** A stored array as a concrete one. */
export function arrayOf({ dtype, shape, data }: StoredArray): NdArray {
  if (dtype === 'float32') return ndarray([...data], shape)
  return dtype === 'int32' ? intArray(Int32Array.from(data), shape) : boolArray(Uint8Array.from(data), shape)
}

/** Largest difference relative to the largest golden number (or 1, where that is less). */
export function relativeError(ours: ArrayLike<number>, golden: ArrayLike<number>): number {
  let [difference, size] = [0, 1]
  for (let i = 0; i < golden.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i]! - golden[i]!))
    size = Math.max(size, Math.abs(golden[i]!))
  }
  return difference / size
}
