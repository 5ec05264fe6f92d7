import { z } from 'zod'
import { annotatorSchema } from './annotator.ts'

/** Fields that every judgment has besides its answer. */
export const recordFields = {
  /** UUIDv7; the store gives one where it is missing. */
  id: z.string().min(1).optional(),
  project: z.string().min(1).optional(),
  /** What was judged. */
  item: z.string().min(1),
  annotator: annotatorSchema,
  /** ISO 8601 time at which the answer was given. */
  time: z.iso.datetime({ offset: true }),
  /** Version of the question and guidelines that the annotator saw. */
  protocol: z.string(),
  /** Time spent on the answer, idle time left out. */
  durationSeconds: z.number().nonnegative().optional(),
  /** Id of the annotator's own earlier judgment that this one replaces. */
  supersedes: z.string().min(1).optional(),
  /** Order in which the completions were shown, as indices into them. */
  shown: z.array(z.number().int().nonnegative()).readonly().optional(),
  comment: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
}

const recordSchema = z.object(recordFields)

/** What every judgment knows besides its answer. */
export type JudgmentRecord = Readonly<z.infer<typeof recordSchema>>
