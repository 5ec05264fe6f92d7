/** Predictions of one stretch of [0, 1]: their mean, how often they came true, and how many there were. */
export interface CalibrationBin {
  readonly predicted: number
  readonly observed: number
  readonly count: number
}

/** Predicted probabilities against outcomes in equal stretches, empty ones left out, with the expected calibration error. */
export function calibration(
  predictions: readonly number[],
  outcomes: readonly boolean[],
  bins = 10,
): { bins: CalibrationBin[]; error: number } {
  const filled = Array.from({ length: bins }, (_, bin) => {
    const members = predictions.flatMap((p, i) =>
      Math.min(Math.floor(p * bins), bins - 1) === bin ? [i] : [],
    )
    const average = (of: (i: number) => number) =>
      members.reduce((total, i) => total + of(i), 0) / members.length
    return {
      predicted: average((i) => predictions[i]!),
      observed: average((i) => Number(outcomes[i])),
      count: members.length,
    }
  }).filter(({ count }) => count > 0)
  const error =
    filled.reduce((total, bin) => total + bin.count * Math.abs(bin.predicted - bin.observed), 0) /
    predictions.length
  return { bins: filled, error }
}
