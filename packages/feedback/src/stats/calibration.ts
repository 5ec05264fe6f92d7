/** Predictions of one stretch [low, high) of [0, 1]: their mean, how often they came true, and how many there were. */
export interface CalibrationBin {
  readonly low: number
  readonly high: number
  readonly predicted: number
  readonly observed: number
  readonly count: number
}

/**
 * Predicted probabilities against outcomes in equal stretches, empty ones left out, with the expected calibration
 * error Σ (n_b/n)·|observed_b − predicted_b| (Guo et al. 2017, eq. 3). Throws when a prediction is not a probability.
 */
export function calibration(
  predictions: readonly number[],
  outcomes: readonly boolean[],
  bins = 10,
): { bins: CalibrationBin[]; error: number } {
  if (predictions.length !== outcomes.length || predictions.length === 0)
    throw new RangeError(
      `calibration needs one outcome for each prediction, found ${predictions.length} and ${outcomes.length}`,
    )
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, count: 0 }))
  predictions.forEach((prediction, i) => {
    if (!(prediction >= 0 && prediction <= 1))
      throw new RangeError(`prediction ${i} is ${prediction}, expected a probability`)
    const sum = sums[Math.min(Math.floor(prediction * bins), bins - 1)]!
    sum.predicted += prediction
    sum.observed += Number(outcomes[i])
    sum.count++
  })
  const filled = sums.flatMap(({ predicted, observed, count }, bin) =>
    count === 0
      ? []
      : [
          {
            low: bin / bins,
            high: (bin + 1) / bins,
            predicted: predicted / count,
            observed: observed / count,
            count,
          },
        ],
  )
  const error =
    filled.reduce((total, bin) => total + bin.count * Math.abs(bin.predicted - bin.observed), 0) /
    predictions.length
  return { bins: filled, error }
}
