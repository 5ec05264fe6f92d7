import { z } from 'zod'
import { clipComparisonSchema, comparisonSchema } from './comparison.ts'
import { rankingSchema } from './ranking.ts'
import { binarySchema, ratingSchema } from './rating.ts'
import { flagSchema, retractionSchema, ruleCheckSchema, violationSchema } from './violation.ts'
import { critiqueSchema, demonstrationSchema, editSchema } from './written.ts'

/** Any judgment; `kind` tells which. Unknown fields are refused, so that nothing is dropped in silence. */
export const judgmentSchema = z.discriminatedUnion('kind', [
  comparisonSchema,
  rankingSchema,
  ratingSchema,
  binarySchema,
  critiqueSchema,
  editSchema,
  demonstrationSchema,
  violationSchema,
  ruleCheckSchema,
  flagSchema,
  clipComparisonSchema,
  retractionSchema,
])

/** Any judgment; `kind` tells which. */
export type Judgment = z.infer<typeof judgmentSchema>
/** What kind of judgment. */
export type JudgmentKind = Judgment['kind']
/** A judgment that a store has accepted: it has an id and a project. */
export type StoredJudgment = Judgment & { readonly id: string; readonly project: string }
