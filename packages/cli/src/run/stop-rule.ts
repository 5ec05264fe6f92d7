import type { StopRule } from '../recipe/fields.ts'

/** Watches metrics step by step; says why the run is to stop, once a rule has held for its number of steps in a row. */
export function stopWatch(
  rules: readonly StopRule[],
): (metrics: Readonly<Record<string, number>>) => string | undefined {
  const held = rules.map(() => 0)
  return (metrics) => {
    for (const [i, { metric, above, below, steps }] of rules.entries()) {
      const value = metrics[metric]
      const broken =
        value !== undefined &&
        (value > (above ?? Number.POSITIVE_INFINITY) || value < (below ?? Number.NEGATIVE_INFINITY))
      held[i] = broken ? held[i]! + 1 : 0
      if (held[i] === steps) {
        const bound = above === undefined ? `below ${below}` : `above ${above}`
        return `because ${metric} was ${bound} for ${steps} step${steps === 1 ? '' : 's'} (now ${value!.toPrecision(3)})`
      }
    }
    return undefined
  }
}
