import { z } from 'zod'

/** What annotators are asked, and how items are handed out; a changed protocol gets another `version`. */
export const protocolSchema = z.strictObject({
  version: z.string().min(1).default('1'),
  kind: z.enum([
    'comparison',
    'ranking',
    'rating',
    'binary',
    'critique',
    'edit',
    'demonstration',
    'violation',
    'rule-check',
    'clip-comparison',
  ]),
  question: z.string().default(''),
  /** Markdown. */
  guidelines: z.string().default(''),
  rules: z
    .array(z.strictObject({ id: z.string().min(1), text: z.string() }))
    .readonly()
    .optional(),
  scales: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        low: z.number(),
        high: z.number(),
        labels: z.array(z.string()).readonly().optional(),
      }),
    )
    .readonly()
    .optional(),
  /** Answers wanted for each item, each from another annotator. */
  overlap: z.number().int().min(1).max(1000).default(1),
  /** How priorities are given to items that come without one. */
  order: z.enum(['uniform', 'uncertainty', 'disagreement', 'diversity']).default('uniform'),
  /** Whether completions are shown in random order. */
  shuffle: z.boolean().default(true),
  allowSkip: z.boolean().default(true),
  /** A skipped slot goes to others, comes back to the annotator at the end, or is dropped. */
  skipPolicy: z.enum(['to-others', 'to-me-later', 'drop']).default('to-others'),
  allowTie: z.boolean().default(true),
  /** Share of an annotator's items that are gold questions; with 0 none is asked. */
  goldShare: z.number().min(0).max(1).default(0),
})

/** A question put to annotators about many items. */
export const projectSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  description: z.string(),
  protocol: protocolSchema,
  createdAt: z.iso.datetime(),
  archived: z.boolean(),
})

/** What is given to make a project. */
export const newProjectSchema = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  name: z.string().min(1),
  description: z.string().default(''),
  protocol: protocolSchema,
})

/** What annotators are asked, and how items are handed out. */
export type Protocol = Readonly<z.infer<typeof protocolSchema>>
/** A question put to annotators about many items. */
export type Project = Readonly<z.infer<typeof projectSchema>>
/** What is given to make a project; missing parts have defaults. */
export type NewProject = z.input<typeof newProjectSchema>
