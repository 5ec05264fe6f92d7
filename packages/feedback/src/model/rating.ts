import type { JudgmentRecord } from './annotator.ts'

/** A grade for one completion on a scale that includes both ends. */
export interface Rating extends JudgmentRecord {
  readonly kind: 'rating'
  readonly prompt: string
  readonly completion: string
  readonly rating: number
  readonly scale: { readonly low: number; readonly high: number }
}

/** Whether one completion is desirable (thumbs up or down, the signal of KTO). */
export interface BinaryJudgment extends JudgmentRecord {
  readonly kind: 'binary'
  readonly prompt: string
  readonly completion: string
  readonly desirable: boolean
}
