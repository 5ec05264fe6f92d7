import type { JudgmentRecord } from './annotator.ts'

/** The better of two: its index, or a tie. */
export type Preference = 0 | 1 | 'tie'

/** Which of two completions of one prompt is better. */
export interface Comparison extends JudgmentRecord {
  readonly kind: 'comparison'
  readonly prompt: string
  readonly completions: readonly [string, string]
  readonly preferred: Preference
  /** How much better, 1 (slightly) to 3 (much). */
  readonly strength?: 1 | 2 | 3
}
