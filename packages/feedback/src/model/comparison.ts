import type { JudgmentRecord } from './annotator.ts'

/** Which of two completions of one prompt is better. */
export interface Comparison extends JudgmentRecord {
  readonly kind: 'comparison'
  readonly prompt: string
  readonly completions: readonly [string, string]
  /** Index of the better one, or a tie. */
  readonly preferred: 0 | 1 | 'tie'
  /** How much better, 1 (slightly) to 3 (much). */
  readonly strength?: 1 | 2 | 3
}

/** K completions of one prompt in order, best first. */
export interface Ranking extends JudgmentRecord {
  readonly kind: 'ranking'
  readonly prompt: string
  readonly completions: readonly string[]
  /** Indices into `completions`, best first. */
  readonly order: readonly number[]
}
