import type { Interval } from './credit.ts'
import type { Signal, TamerTrainer } from './trainer.ts'

/** A step as a trainer saw it, with the signals given until its end. */
export interface RecordedStep extends Interval {
  readonly action: number
  readonly signals: readonly Signal[]
}

/**
 * Gives the signals of a record again, at the times of the record, and then goes on with the trainer `after`; without one the training ends
 * there. TAMER's choices follow from its signals, so the same run makes the same weights to the same bits; throws when an action differs.
 */
export function recordedTrainer(steps: readonly RecordedStep[], after?: TamerTrainer): TamerTrainer {
  let at = 0
  let seen: Interval = { start: 0, end: 0 }
  return {
    watch: async (shown) => {
      const step = steps[at++]
      if (!step) {
        const signals = await after?.watch(shown)
        seen = after?.interval?.() ?? { start: shown.start, end: shown.end }
        return signals
      }
      if (step.action !== shown.action)
        throw new RangeError(
          `step ${at} of the record did action ${step.action}, the same step now does ${shown.action}: seed, environment, features or numbers are not those of the record`,
        )
      seen = { start: step.start, end: step.end }
      return step.signals
    },
    interval: () => seen,
  }
}
