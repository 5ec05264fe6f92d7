/** What an output is standardised by: (x − mean) · scale. */
export interface Standard {
  readonly mean: number
  readonly scale: number
}

/** That which brings these values to mean 0 and deviation 1. */
export function standardOf(values: Float32Array): Standard {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  return { mean, scale: 1 / Math.sqrt(variance + 1e-8) }
}
