import { type FloatArray, ndarray, randomKey } from '@attune/grad'

/** A matrix [rows, columns] with orthonormal rows (or columns, where there are more rows) times `gain` (Saxe et al. 2014). */
export function orthogonal(
  [rows, columns]: readonly [number, number],
  { gain, seed, name }: { readonly gain: number; readonly seed: number; readonly name: string },
): FloatArray {
  const count = Math.min(rows, columns)
  const size = Math.max(rows, columns)
  const { normal } = randomKey(seed, 'orthogonal', name)
  const vectors: Float64Array[] = []
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length: size }, normal)
    // Twice is enough (Kahan): modified Gram–Schmidt, repeated.
    for (let pass = 0; pass < 2; pass++)
      for (const other of vectors) {
        const along = dot(vector, other)
        for (let j = 0; j < size; j++) vector[j]! -= along * other[j]!
      }
    const norm = Math.sqrt(dot(vector, vector))
    for (let j = 0; j < size; j++) vector[j]! /= norm
    vectors.push(vector)
  }
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      data[row * columns + column] =
        gain * (rows <= columns ? vectors[row]![column]! : vectors[column]![row]!)
  return ndarray(data, [rows, columns])
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
