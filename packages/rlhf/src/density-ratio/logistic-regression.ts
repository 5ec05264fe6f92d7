/** Newton's method ends at a gradient this small, or after so many steps. */
const [smallest, mostSteps] = [1e-9, 50]

/**
 * The probability of the positive class by regularised logistic regression: ½‖w‖² + Σ_i s_i log(1 + e^(−y_i (w·x_i + b))), y = ±1, the
 * classes weighed to count alike, b free (scikit-learn's `LogisticRegression(class_weight="balanced")`). Throws without both classes.
 */
export function logisticRegression(
  rows: readonly Float64Array[],
  labels: readonly boolean[],
): (row: Float64Array) => number {
  const positives = labels.filter(Boolean).length
  if (positives === 0 || positives === labels.length)
    throw new RangeError('a classifier needs rows of both classes')
  const inputs = rows.map((row) => Float64Array.of(...row, 1)) // the last weight is b
  const width = inputs[0]!.length
  const shares = labels.map((label) => labels.length / (2 * (label ? positives : labels.length - positives)))
  const weights = new Float64Array(width)
  for (let step = 0; step < mostSteps; step++) {
    const gradient = weights.map((w, i) => (i < width - 1 ? w : 0))
    const curvature = Array.from({ length: width }, (_, i) => {
      const row = new Float64Array(width)
      row[i] = i < width - 1 ? 1 : 1e-12
      return row
    })
    for (const [i, x] of inputs.entries()) {
      const p = sigmoid(dot(weights, x))
      const [slope, bend] = [shares[i]! * (p - Number(labels[i])), shares[i]! * p * (1 - p)]
      for (let j = 0; j < width; j++) {
        gradient[j]! += slope * x[j]!
        const row = curvature[j]!
        for (let k = 0; k <= j; k++) row[k]! += bend * x[j]! * x[k]!
      }
    }
    if (Math.max(...gradient.map(Math.abs)) < smallest) break
    const change = solved(curvature, gradient)
    for (let j = 0; j < width; j++) weights[j]! -= change[j]!
  }
  return (row) => sigmoid(dot(weights, Float64Array.of(...row, 1)))
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** x of A·x = b by Cholesky's factors, which replace the lower triangle of A. */
function solved(a: readonly Float64Array[], b: Float64Array): Float64Array {
  const x = b.slice()
  for (const [j, row] of a.entries()) {
    for (let k = 0; k <= j; k++) {
      const other = a[k]!
      let rest = row[k]!
      for (let i = 0; i < k; i++) rest -= row[i]! * other[i]!
      row[k] = j === k ? Math.sqrt(rest) : rest / other[k]!
    }
    for (let i = 0; i < j; i++) x[j]! -= row[i]! * x[i]!
    x[j]! /= row[j]!
  }
  for (let j = a.length - 1; j >= 0; j--) {
    for (let i = j + 1; i < a.length; i++) x[j]! -= a[i]![j]! * x[i]!
    x[j]! /= a[j]![j]!
  }
  return x
}
