import { closest } from 'fastest-levenshtein'
import type { StopRule } from '../recipe/fields.ts'

/** Rules at work on a run's steps, one after the other. */
export interface StopWatch {
  /** Why the run is to stop, once a rule has held for its number of steps in a row. */
  readonly reason: (metrics: Readonly<Record<string, number>>) => string | undefined
  /** Names, with the nearest known one, the metrics of rules that no step has had so far; undefined when there are none. */
  readonly unknown: () => string | undefined
}

/**
 * Watches metrics step by step. What is no finite number breaks no rule: the log keeps it as null, and a resumed run is to decide
 * as the one that was never stopped.
 */
export function stopWatch(rules: readonly StopRule[]): StopWatch {
  const held = rules.map(() => 0)
  const seen = new Set<string>()
  return {
    reason: (metrics) => {
      for (const name of Object.keys(metrics)) seen.add(name)
      for (const [i, { metric, above, below, steps }] of rules.entries()) {
        const value = metrics[metric] ?? Number.NaN
        const broken =
          Number.isFinite(value) &&
          (value > (above ?? Number.POSITIVE_INFINITY) || value < (below ?? Number.NEGATIVE_INFINITY))
        held[i] = broken ? held[i]! + 1 : 0
        if (held[i] === steps) {
          const bound = above === undefined ? `below ${below}` : `above ${above}`
          return `because ${metric} was ${bound} for ${steps} step${steps === 1 ? '' : 's'} (now ${value.toPrecision(3)})`
        }
      }
      return undefined
    },
    unknown: () => {
      const missing = [...new Set(rules.map(({ metric }) => metric))].filter((metric) => !seen.has(metric))
      if (missing.length === 0 || seen.size === 0) return undefined
      const named = missing.map((metric) => `'${metric}' (did you mean '${closest(metric, [...seen])}'?)`)
      return `stop_when watches what no step has logged: ${named.join(', ')}`
    },
  }
}
