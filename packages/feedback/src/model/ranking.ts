import type { JudgmentRecord } from './annotator.ts'

/** K completions of one prompt in order, best first. */
export interface Ranking extends JudgmentRecord {
  readonly kind: 'ranking'
  readonly prompt: string
  readonly completions: readonly string[]
  /** Indices into `completions`, best first. */
  readonly order: readonly number[]
}

/** The K(K − 1)/2 index pairs that a ranking implies, better one first. */
export function pairsOfRanking(order: readonly number[]): [better: number, worse: number][] {
  return order.flatMap((better, place) =>
    order.slice(place + 1).map((worse): [number, number] => [better, worse]),
  )
}
