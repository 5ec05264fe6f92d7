import { z } from '@hono/zod-openapi'
import { id } from './ids.ts'

const text = z.string().max(200_000)
const name = z.string().min(1).max(200)

/** A message of a conversation. */
export const chatMessage = z.object({ role: z.string().min(1).max(40), content: text }).openapi('ChatMessage')

/** What annotators are asked and how: question, guidelines, scales, overlap, order. */
export const protocol = z
  .object({
    version: name,
    kind: z.enum([
      'comparison',
      'ranking',
      'rating',
      'binary',
      'critique',
      'edit',
      'demonstration',
      'violation',
      'flag',
      'clip-comparison',
    ]),
    question: z.string().min(1).max(2000),
    /** Markdown. */
    guidelines: text.default(''),
    rules: z
      .array(z.object({ id: name, text: z.string().max(5000) }))
      .max(100)
      .optional(),
    scales: z
      .array(
        z.object({
          name,
          low: z.number(),
          high: z.number(),
          labels: z.array(z.string().max(200)).optional(),
        }),
      )
      .max(20)
      .optional(),
    /** Judgments wanted of each item. */
    overlap: z.number().int().min(1).max(100).default(1),
    order: z.enum(['uniform', 'uncertainty', 'disagreement', 'diversity']).default('uniform'),
    /** Whether completions are shown in random order. */
    shuffle: z.boolean().default(true),
    allowSkip: z.boolean().default(true),
    allowTie: z.boolean().default(true),
    /** Share of items with a known answer, to measure annotators. */
    goldShare: z.number().min(0).max(1).default(0),
  })
  .openapi('Protocol')

export const project = z
  .object({
    id,
    name,
    description: z.string().max(5000),
    protocol,
    createdAt: z.string(),
    archived: z.boolean(),
  })
  .openapi('Project')

/** Something to judge: a prompt with no, one or several completions. */
export const item = z
  .object({
    id,
    project: id,
    prompt: z.union([text, z.array(chatMessage).min(1).max(200)]),
    completions: z.array(z.object({ text, model: name.optional(), score: z.number().optional() })).max(20),
    priority: z.number().optional(),
    gold: z.unknown().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Item')

export const lease = z
  .object({ id, project: id, item: id, annotator: z.string(), expiresAt: z.string() })
  .openapi('Lease')

/** A judgment with its id, as it is stored. */
export const judgment = z
  .looseObject({ id, kind: z.string(), item: z.string(), time: z.string(), protocol: z.string() })
  .openapi('Judgment')

const span = z.object({
  start: z.number().int().min(0),
  end: z.number().int().min(0),
  completion: z.number().int().min(0).optional(),
})

/** What an annotator answers; the server adds who, when and under which protocol. */
export const answer = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('comparison'),
      preferred: z.union([z.literal(0), z.literal(1), z.literal('tie'), z.literal('both-bad')]),
      strength: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
    }),
    z.object({
      kind: z.literal('ranking'),
      /** Indices into the item's completions, best first. */
      order: z.array(z.number().int().min(0)).min(2).max(9),
      /** Groups of equal indices. */
      ties: z.array(z.array(z.number().int().min(0)).min(2)).optional(),
    }),
    z.object({
      kind: z.literal('rating'),
      completion: z.number().int().min(0).default(0),
      ratings: z
        .array(z.object({ scale: name, value: z.number() }))
        .min(1)
        .max(20),
    }),
    z.object({
      kind: z.literal('binary'),
      completion: z.number().int().min(0).default(0),
      desirable: z.boolean(),
    }),
    z.object({ kind: z.literal('critique'), completion: z.number().int().min(0).default(0), text }),
    z.object({ kind: z.literal('edit'), completion: z.number().int().min(0).default(0), after: text }),
    z.object({ kind: z.literal('demonstration'), completion: text }),
    z.object({
      kind: z.literal('violation'),
      completion: z.number().int().min(0).default(0),
      rule: name,
      violated: z.boolean(),
      span: span.optional(),
    }),
    z.object({ kind: z.literal('flag'), reason: z.string().min(1).max(2000), span: span.optional() }),
    z.object({
      kind: z.literal('clip-comparison'),
      preferred: z.union([z.literal(0), z.literal(1), z.literal('tie'), z.literal('both-bad')]),
    }),
  ])
  .openapi('Answer')

export const progress = z
  .object({
    items: z.number().int(),
    slots: z.number().int(),
    done: z.number().int(),
    skipped: z.number().int(),
    perAnnotator: z.array(
      z.object({
        annotator: z.string(),
        name: z.string().optional(),
        done: z.number().int(),
        skipped: z.number().int(),
      }),
    ),
  })
  .openapi('Progress')
