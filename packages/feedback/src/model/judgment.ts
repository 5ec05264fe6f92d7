import type { Comparison } from './comparison.ts'
import type { Ranking } from './ranking.ts'
import type { BinaryJudgment, Rating } from './rating.ts'

/** Any judgment; `kind` tells which. */
export type Judgment = Comparison | Ranking | Rating | BinaryJudgment
