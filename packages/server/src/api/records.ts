import {
  itemSchema,
  leaseSchema,
  newItemSchema,
  newProjectSchema,
  preferenceSchema,
  projectSchema,
  protocolSchema,
  spanSchema,
} from '@attune/feedback'
import { z } from '@hono/zod-openapi'
import { id } from './ids.ts'

// cloned: a schema made before this library was loaded knows nothing of `openapi`
const text = z.string().max(200_000)
const name = z.string().min(1).max(200)

/** A message of a conversation. */
export const chatMessage = z.object({ role: z.string().min(1).max(40), content: text }).openapi('ChatMessage')

/** What annotators are asked and how: question, guidelines, scales, overlap, order. */
export const protocol = protocolSchema.clone().openapi('Protocol')

export const project = projectSchema.clone().openapi('Project')
export const newProject = newProjectSchema.clone().openapi('NewProject')

/** Something to judge: a prompt with no, one or several completions. */
export const item = itemSchema.clone().openapi('Item')

/** An item as it is sent in; its id is made from its content when it has none, so that sending twice adds once. */
export const newItem = newItemSchema.extend({ id: id.optional() }).openapi('NewItem')

export const lease = leaseSchema.clone().openapi('Lease')

/** A judgment as it is stored: feedback's `Judgment` with `id` and `project`. */
export const judgment = z
  .looseObject({ id, kind: z.string(), item: z.string(), time: z.string(), protocol: z.string() })
  .openapi('Judgment')

const completion = z.number().int().min(0).max(100).default(0).describe("index into the item's completions")
const strength = z.union([z.literal(1), z.literal(2), z.literal(3)]).optional()
const index = z.number().int().min(0).max(100)

/** What an annotator answers; the server adds what was judged, who, when and under which protocol. */
export const answer = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('comparison'), preferred: preferenceSchema, strength }),
    z.strictObject({
      kind: z.literal('ranking'),
      /** Indices into the item's completions, best first. */
      order: z.array(index).min(2).max(9),
      /** Places (0 is the best) that tie with the next one. */
      ties: z.array(index).max(8).optional(),
    }),
    z.strictObject({
      kind: z.literal('rating'),
      completion,
      ratings: z
        .array(z.strictObject({ scale: name, value: z.number() }))
        .min(1)
        .max(20),
    }),
    z.strictObject({ kind: z.literal('binary'), completion, desirable: z.boolean() }),
    z.strictObject({ kind: z.literal('critique'), completion, text: text.min(1) }),
    z.strictObject({ kind: z.literal('edit'), completion, after: text }),
    z.strictObject({ kind: z.literal('demonstration'), text: text.min(1) }),
    z.strictObject({
      kind: z.literal('violation'),
      completion,
      rule: name,
      violated: z.boolean(),
      span: spanSchema.optional(),
    }),
    z.strictObject({
      kind: z.literal('rule-check'),
      completion,
      checks: z
        .array(z.strictObject({ rule: name, violated: z.boolean(), span: spanSchema.optional() }))
        .min(1)
        .max(100),
    }),
    z.strictObject({
      kind: z.literal('flag'),
      reason: z.string().min(1).max(2000),
      completionIndex: index.optional(),
      span: spanSchema.optional(),
    }),
    z.strictObject({ kind: z.literal('clip-comparison'), preferred: preferenceSchema, strength }),
  ])
  .openapi('Answer')

export const progress = z
  .object({
    items: z.number().int(),
    /** Answers wanted: items × overlap. */
    slots: z.number().int(),
    done: z.number().int(),
    skipped: z.number().int(),
    /** Answers beyond the overlap, and to gold questions. */
    extra: z.number().int(),
    perAnnotator: z.array(
      z.object({
        annotator: z.string(),
        name: z.string().optional(),
        done: z.number().int(),
        skipped: z.number().int(),
        seconds: z.number(),
      }),
    ),
  })
  .openapi('Progress')
