import { z } from 'zod'
import { recordFields } from './record.ts'
import { promptSchema, spanSchema } from './text.ts'

/** Whether a completion breaks one rule of the protocol, and where. */
const checkFields = {
  /** Id of the rule. */
  rule: z.string().min(1),
  violated: z.boolean(),
  span: spanSchema.optional(),
}

/** Whether a completion breaks one rule. */
export const violationSchema = z.strictObject({
  kind: z.literal('violation'),
  ...recordFields,
  prompt: promptSchema,
  completion: z.string(),
  ...checkFields,
})

/** A completion checked against several rules at once. */
export const ruleCheckSchema = z.strictObject({
  kind: z.literal('rule-check'),
  ...recordFields,
  prompt: promptSchema,
  completion: z.string(),
  checks: z.array(z.strictObject(checkFields)).min(1).readonly(),
})

/** A report about an item, beside the answer: it never fills the item's slot. */
export const flagSchema = z.strictObject({
  kind: z.literal('flag'),
  ...recordFields,
  reason: z.string().min(1),
  /** Which completion, by index; the whole item without it. */
  completionIndex: z.number().int().nonnegative().optional(),
  span: spanSchema.optional(),
})

/** Takes back the annotator's own judgment named by `supersedes`. */
export const retractionSchema = z.strictObject({
  kind: z.literal('retraction'),
  ...recordFields,
  supersedes: z.string().min(1),
})

/** Whether a completion breaks one rule. */
export type Violation = Readonly<z.infer<typeof violationSchema>>
/** A completion checked against several rules at once. */
export type RuleCheck = Readonly<z.infer<typeof ruleCheckSchema>>
/** A report about an item, beside the answer. */
export type Flag = Readonly<z.infer<typeof flagSchema>>
/** Takes back an earlier judgment. */
export type Retraction = Readonly<z.infer<typeof retractionSchema>>
