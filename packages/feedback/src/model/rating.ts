import { z } from 'zod'
import { recordFields } from './record.ts'
import { promptSchema } from './text.ts'

/** A grade on one named scale of the protocol. */
const gradeSchema = z.strictObject({ scale: z.string().min(1), value: z.number() })

/** Grades of one completion: one on a scale of its own, or several on the protocol's named scales. */
export const ratingSchema = z
  .strictObject({
    kind: z.literal('rating'),
    ...recordFields,
    prompt: promptSchema,
    completion: z.string(),
    rating: z.number().optional(),
    /** Both ends included. */
    scale: z.strictObject({ low: z.number(), high: z.number() }).optional(),
    ratings: z.array(gradeSchema).min(1).readonly().optional(),
  })
  .refine(({ rating, ratings }) => rating !== undefined || ratings !== undefined, 'give rating or ratings')
  .refine(
    ({ rating, scale }) => rating === undefined || !scale || (rating >= scale.low && rating <= scale.high),
    'rating is outside its scale',
  )

/** Whether one completion is desirable (thumbs up or down, the signal of KTO). */
export const binarySchema = z.strictObject({
  kind: z.literal('binary'),
  ...recordFields,
  prompt: promptSchema,
  completion: z.string(),
  desirable: z.boolean(),
})

/** Grades of one completion: one on a scale of its own, or several on the protocol's named scales. */
export type Rating = Readonly<z.infer<typeof ratingSchema>>
/** Whether one completion is desirable (thumbs up or down, the signal of KTO). */
export type BinaryJudgment = Readonly<z.infer<typeof binarySchema>>
