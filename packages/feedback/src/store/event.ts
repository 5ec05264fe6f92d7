import { z } from 'zod'
import { itemSchema } from '../model/item.ts'
import { judgmentSchema, type StoredJudgment } from '../model/judgment.ts'
import { projectSchema } from '../model/project.ts'

/** An item that an annotator did not want to answer. */
export const skipSchema = z.strictObject({
  project: z.string(),
  item: z.string(),
  annotator: z.string(),
  reason: z.string(),
  policy: z.enum(['to-others', 'to-me-later', 'drop']),
  time: z.iso.datetime(),
})

/** An answer that is not finished. */
export const draftSchema = z.strictObject({
  project: z.string(),
  item: z.string(),
  annotator: z.string(),
  body: z.unknown(),
  time: z.iso.datetime(),
})

/** One accepted change: a line of a journal, of a JSONL store and of a lossless export. */
export const storeEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('project'), project: projectSchema }),
  z.strictObject({ type: z.literal('item'), item: itemSchema }),
  z.strictObject({
    type: z.literal('judgment'),
    judgment: judgmentSchema.refine(
      (judgment): judgment is StoredJudgment => Boolean(judgment.id && judgment.project),
      'a stored judgment has an id and a project',
    ),
    /** Idempotency key. */
    key: z.string(),
    /** Whether it came on top of the overlap. */
    extra: z.boolean(),
  }),
  z.strictObject({ type: z.literal('skip'), skip: skipSchema }),
  z.strictObject({ type: z.literal('draft'), draft: draftSchema }),
])

/** An item that an annotator did not want to answer. */
export type Skip = Readonly<z.infer<typeof skipSchema>>
/** An answer that is not finished. */
export type Draft = Readonly<z.infer<typeof draftSchema>>

/** One accepted change: a line of a journal, of a JSONL store and of a lossless export. */
export type StoreEvent = z.infer<typeof storeEventSchema>
/** The event of a judgment. */
export type JudgmentEvent = Extract<StoreEvent, { type: 'judgment' }>
