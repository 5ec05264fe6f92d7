import type { Run } from '@attune/server'

/** An estimate with its 95 % interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The mean rewards of a finished round's samples, before and after it; null when it has none. */
export function scoreChange({ summary }: Pick<Run, 'summary'>): { before: Estimate; after: Estimate } | null {
  const [before, after] = [summary?.['score-before'], summary?.['score-after']] as (Estimate | undefined)[]
  return before && after ? { before, after } : null
}
