import { z } from 'zod'
import { promptSchema } from './text.ts'

/** A completion to judge. */
const completionSchema = z.strictObject({
  text: z.string(),
  /** What wrote it. */
  model: z.string().optional(),
  /** A reward model's score. */
  score: z.number().optional(),
  /** Scores of an ensemble's members. */
  scores: z.array(z.number()).readonly().optional(),
})

const itemFields = {
  id: z.string().min(1).max(200),
  prompt: promptSchema,
  completions: z.array(completionSchema).readonly().default([]),
  /** Ids of clips, for clip comparisons. */
  clips: z.array(z.string().min(1)).readonly().optional(),
  /** Higher is asked first. */
  priority: z.number().optional(),
  /** Answers wanted of this item, where it is not the protocol's overlap. */
  overlap: z.number().int().min(1).max(1000).optional(),
  /** The known answer of a gold question, as fields of a judgment; gold items are asked of everyone. */
  gold: z.record(z.string(), z.unknown()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
}

/** What is given to add an item to a project. */
export const newItemSchema = z.strictObject(itemFields)

/** Something to judge. */
export const itemSchema = z.strictObject({ ...itemFields, project: z.string().min(1) })

/** What is given to add an item; missing parts have defaults. */
export type NewItem = z.input<typeof newItemSchema>
/** Something to judge. */
export type Item = Readonly<z.infer<typeof itemSchema>>
/** A completion to judge. */
export type ItemCompletion = Readonly<z.infer<typeof completionSchema>>
