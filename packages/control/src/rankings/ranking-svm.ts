/**
 * Ranking support vector machine (Joachims 2002): w that minimises ½|w|² + C Σ max(0, 1 − w·(better − worse)), by coordinate
 * ascent on the dual (Hsieh et al. 2008). All vectors have one length.
 */
export function rankingSvm(
  pairs: readonly { readonly better: Float32Array; readonly worse: Float32Array }[],
  { cost = 1, sweeps = 200 }: { cost?: number; sweeps?: number } = {},
): Float64Array {
  const differences = pairs.map(({ better, worse }) => better.map((x, i) => x - worse[i]!))
  const squares = differences.map((d) => d.reduce((sum, x) => sum + x * x, 0))
  const weights = new Float64Array(differences[0]?.length ?? 0)
  const alphas = new Float64Array(pairs.length)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const [i, difference] of differences.entries()) {
      if (squares[i] === 0) continue
      const margin = difference.reduce((sum, x, j) => sum + x * weights[j]!, 0)
      const alpha = Math.min(Math.max(alphas[i]! + (1 - margin) / squares[i]!, 0), cost)
      const change = alpha - alphas[i]!
      alphas[i] = alpha
      for (let j = 0; j < weights.length; j++) weights[j]! += change * difference[j]!
    }
  }
  return weights
}
