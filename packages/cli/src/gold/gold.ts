import { hopefulness } from './hopeful.ts'

/** Hidden scores that simulated annotators follow, by the name that recipes use. */
export const goldScores = {
  /** Prefers the more hopeful continuation. */
  hopeful: hopefulness,
} as const satisfies Record<string, (text: string) => number>

/** Name of a gold score. */
export type GoldName = keyof typeof goldScores
