/** A linear map from data to pixels, with round numbers to label. */
export interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
  readonly step: number
}

/** The next of 1, 2, 2.5, 5 × 10ᵏ. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 2.5, 5, 10].find((candidate) => candidate >= rough / power - 1e-9)! * power
}

/** A scale over all values whose ends are round numbers. */
export function niceScale(values: readonly number[], range: readonly [number, number], wanted = 4): Scale {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (values.length === 0) return linear([0, 1], range, 0.25)
  const size = Math.max(Math.abs(low), Math.abs(high), 1e-9)
  const flat = high - low < size * 1e-9
  const [from, to] = flat ? [low - size / 10, high + size / 10] : [low, high]
  const step = niceStep((to - from) / wanted)
  return linear([Math.floor(from / step + 1e-9) * step, Math.ceil(to / step - 1e-9) * step], range, step)
}

/** A scale over exactly this domain, labelled at multiples of the step inside it. */
export function linear(
  [low, high]: readonly [number, number],
  range: readonly [number, number],
  step = niceStep((high - low || 1) / 4),
): Scale {
  const slope = (range[1] - range[0]) / (high - low || 1)
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  return {
    at: (value) => range[0] + (value - low) * slope,
    ticks: Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step),
    step,
  }
}

/** A number for people: three significant digits, a real minus sign, no long tails. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replace('-', '−')
  return String(Number(value.toPrecision(digits))).replace('-', '−')
}

/** A share in percent; a dash where it is not known. */
export function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${formatNumber(share * 100)} %`
}

/** A number with two decimals: numbers that stand beside each other are compared at a glance. */
export function toHundredths(value: number): string {
  return value.toFixed(2).replace('-', '−')
}

/** A label of an axis with no more decimals than its step has. */
export function formatTick(value: number, step: number): string {
  if (step < 1e-4) return formatNumber(value, 2)
  const decimals = Math.max(
    0,
    -Math.floor(Math.log10(step) + 1e-9) + (step.toPrecision(2).includes('25') ? 1 : 0),
  )
  return value.toFixed(Math.min(decimals, 6)).replace('-', '−')
}
