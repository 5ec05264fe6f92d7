/** A linear map from data to pixels, with round numbers to label. */
export interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
  readonly step: number
  readonly domain: readonly [number, number]
}

/** A scale over all values whose ends are round numbers. */
export function niceScale(
  values: readonly number[],
  { range, ticks: wanted = 4, pad = 0 }: { range: readonly [number, number]; ticks?: number; pad?: number },
): Scale {
  const [least, most] = extent(values)
  const spread = most - least || Math.abs(most) * 0.2 || 1
  const [low, high] =
    most === least ? [least - spread / 2, most + spread / 2] : [least - pad * spread, most + pad * spread]
  const step = niceStep((high - low) / wanted)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  const domain = [first * step, last * step] as const
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
  return { ...fixedScale(domain, range), ticks, step }
}

/** A scale over a given domain, labelled at round numbers inside it. */
export function fixedScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  wanted = 4,
): Scale {
  const [low, high] = domain
  const step = niceStep((high - low || 1) / wanted)
  const first = Math.ceil(low / step - 1e-9)
  const ticks: number[] = []
  for (let i = first; i * step <= high + step * 1e-9; i++) ticks.push(i * step)
  const slope = (range[1] - range[0]) / (high - low || 1)
  return { at: (value) => range[0] + (value - low) * slope, ticks, step, domain }
}

/** The next of 1, 2, 2.5, 5 × 10ᵏ. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const leading = [1, 2, 2.5, 5, 10].find((candidate) => candidate >= rough / power - 1e-9)!
  return leading * power
}

/** Smallest and largest; [0, 1] when there is no value. */
export function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1]
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}
