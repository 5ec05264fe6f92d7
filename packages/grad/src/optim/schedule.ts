/** A learning rate as a function of the number of updates done before this one (0, 1, …). */
export type Schedule = (step: number) => number

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  return () => rate
}

/** From `from` to `to` in a straight line over `steps`, then `to`. */
export function linearRate({ from, to = 0, steps }: { from: number; to?: number; steps: number }): Schedule {
  return (step) => from + (to - from) * Math.min(step / steps, 1)
}

/** From `from` to `to` along half a cosine over `steps`, then `to` (Loshchilov and Hutter 2017). */
export function cosineRate({ from, to = 0, steps }: { from: number; to?: number; steps: number }): Schedule {
  return (step) => to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)))
}

/** Rises in a straight line from 0 to the start of `after` over `steps`, then follows it. */
export function withWarmup(steps: number, after: Schedule): Schedule {
  return (step) => (step < steps ? (after(0) * step) / steps : after(step - steps))
}
