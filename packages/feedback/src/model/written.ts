import { z } from 'zod'
import { recordFields } from './record.ts'
import { promptSchema } from './text.ts'

/** What is wrong or right with a completion, in words. */
export const critiqueSchema = z.strictObject({
  kind: z.literal('critique'),
  ...recordFields,
  prompt: promptSchema,
  completion: z.string(),
  text: z.string().min(1),
})

/** A completion rewritten as it should be. */
export const editSchema = z.strictObject({
  kind: z.literal('edit'),
  ...recordFields,
  prompt: promptSchema,
  before: z.string(),
  after: z.string(),
})

/** A completion written by the annotator. */
export const demonstrationSchema = z.strictObject({
  kind: z.literal('demonstration'),
  ...recordFields,
  prompt: promptSchema,
  completion: z.string().min(1),
})

/** What is wrong or right with a completion, in words. */
export type Critique = Readonly<z.infer<typeof critiqueSchema>>
/** A completion rewritten as it should be. */
export type Edit = Readonly<z.infer<typeof editSchema>>
/** A completion written by the annotator. */
export type Demonstration = Readonly<z.infer<typeof demonstrationSchema>>
