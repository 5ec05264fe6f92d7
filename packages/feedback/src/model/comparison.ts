import { z } from 'zod'
import { recordFields } from './record.ts'
import { promptSchema } from './text.ts'

/** The better of two: its index, a tie of acceptable ones, or both bad. */
export const preferenceSchema = z.union([z.literal(0), z.literal(1), z.literal('tie'), z.literal('both-bad')])

/** How much better, 1 (slightly) to 3 (much). */
const strengthSchema = z.union([z.literal(1), z.literal(2), z.literal(3)])

/** Which of two completions of one prompt is better. */
export const comparisonSchema = z.strictObject({
  kind: z.literal('comparison'),
  ...recordFields,
  prompt: promptSchema,
  completions: z.tuple([z.string(), z.string()]).readonly(),
  preferred: preferenceSchema,
  strength: strengthSchema.optional(),
})

/** Which of two clips of an environment is better; clips are named by id. */
export const clipComparisonSchema = z.strictObject({
  kind: z.literal('clip-comparison'),
  ...recordFields,
  clips: z.tuple([z.string().min(1), z.string().min(1)]).readonly(),
  preferred: preferenceSchema,
  strength: strengthSchema.optional(),
})

/** The better of two: its index, a tie of acceptable ones, or both bad. */
export type Preference = z.infer<typeof preferenceSchema>
/** Which of two completions of one prompt is better. */
export type Comparison = Readonly<z.infer<typeof comparisonSchema>>
/** Which of two clips of an environment is better. */
export type ClipComparison = Readonly<z.infer<typeof clipComparisonSchema>>
