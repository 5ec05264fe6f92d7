import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { done, id, idempotencyKey, idParams, listOf, page } from './ids.ts'
import { answer, item, judgment, lease, progress } from './records.ts'

const draft = z.unknown().describe('what the annotator had typed, as the studio saved it')

export const claim = endpoint({
  method: 'post',
  path: '/api/projects/{id}/claim',
  summary: 'The next item to judge, held for the caller; `empty` when there is none',
  access: { role: 'annotator' },
  belongs: 'project',
  params: idParams,
  body: z.object({
    leaseSeconds: z.number().int().min(5).max(86_400).default(600),
    /** Leases that this page holds already; any other live lease of the caller comes back first. */
    held: z.array(id).max(20).default([]),
  }),
  response: z.union([
    z.object({
      empty: z.literal(false).optional(),
      lease,
      /** Without its known answer and without the names of models. */
      item,
      draft: draft.optional(),
      progress,
    }),
    z.object({ empty: z.literal(true), progress }),
  ]),
})

export const extendLease = endpoint({
  method: 'post',
  path: '/api/leases/{id}/extend',
  summary: 'Hold an item longer; with the draft, which may have become newer elsewhere',
  access: { role: 'annotator' },
  belongs: 'lease',
  params: idParams,
  body: z.object({ leaseSeconds: z.number().int().min(5).max(86_400).default(600) }),
  response: lease.extend({ draft: draft.optional() }),
})

export const releaseLease = endpoint({
  method: 'post',
  path: '/api/leases/{id}/release',
  summary: 'Give an item back, unjudged',
  access: { role: 'annotator' },
  belongs: 'lease',
  params: idParams,
  response: done,
})

export const saveDraft = endpoint({
  method: 'post',
  path: '/api/leases/{id}/draft',
  summary: 'Keep what is typed so far; it is given again with the item',
  access: { role: 'annotator' },
  belongs: 'lease',
  params: idParams,
  body: z.object({ draft }),
  response: done,
})

export const skipItem = endpoint({
  method: 'post',
  path: '/api/leases/{id}/skip',
  summary: 'Leave an item to others, with the reason',
  access: { role: 'annotator' },
  belongs: 'lease',
  params: idParams,
  body: z.object({ reason: z.string().max(2000).default('') }),
  response: done,
})

export const submitJudgment = endpoint({
  method: 'post',
  path: '/api/projects/{id}/judgments',
  summary: 'Hand in an answer; acknowledged when it is on disk, and one key counts once',
  access: { role: 'annotator' },
  belongs: 'project',
  params: idParams,
  body: z.object({
    key: idempotencyKey,
    /** The lease; an answer that comes after its end counts as extra where no place is free. Without one `item` says what was judged. */
    lease: id.optional(),
    item: id.optional(),
    judgment: answer,
    /** Order in which completions were shown, as indices into the item's. */
    shown: z.array(z.number().int().min(0).max(100)).max(20).optional(),
    comment: z.string().max(5000).optional(),
    /** Seconds that the annotator took, idle time left out. */
    durationSeconds: z.number().min(0).max(86_400).optional(),
    /** An earlier judgment of the same annotator that this one replaces. */
    supersedes: id.optional(),
    /**
     * A reviewer's decision of a contested item: it replaces their own earlier answer to it, is marked `metadata.decision`, and is
     * left out of agreement.
     */
    decision: z.literal(true).optional(),
  }),
  status: 201,
  response: z.object({
    judgment,
    /** The key was seen before; this is the judgment of then. */
    duplicate: z.boolean(),
    /** More judgments than the overlap asks for, or a late one. */
    extra: z.boolean(),
  }),
})

export const retractJudgment = endpoint({
  method: 'post',
  path: '/api/judgments/{id}/retract',
  summary: "Take one's own judgment back; its item comes back with the old answer as draft",
  access: { role: 'annotator' },
  belongs: 'judgment',
  params: idParams,
  body: z.object({ leaseSeconds: z.number().int().min(5).max(86_400).default(600) }),
  response: z.object({ claim: z.object({ lease, item, draft: draft.optional() }).nullable() }),
})

export const listJudgments = endpoint({
  method: 'get',
  path: '/api/projects/{id}/judgments',
  summary: "A project's judgments; annotators get their own",
  access: { role: 'annotator' },
  belongs: 'project',
  params: idParams,
  query: page.extend({ item: id.optional(), annotator: id.optional() }),
  response: listOf(judgment),
})

export const readAgreement = endpoint({
  method: 'get',
  path: '/api/projects/{id}/agreement',
  summary: 'How far annotators agree',
  access: { role: 'reviewer' },
  belongs: 'project',
  params: idParams,
  response: z
    .object({
      /** Share of pairs of answers to one item that are the same. */
      raw: z.number().nullable(),
      /** Cohen's κ of two annotators, Fleiss' κ of more, over the items with the most common number of answers; on how many items. */
      kappa: z
        .object({ name: z.enum(['cohen', 'fleiss']), value: z.number(), items: z.number().int() })
        .nullable(),
      /** Krippendorff's α (nominal). */
      alpha: z.number().nullable(),
      /** Raw agreement of each pair of annotators, and on how many items. */
      matrix: z.object({
        annotators: z.array(z.string()),
        agreement: z.array(z.array(z.number().nullable())),
        items: z.array(z.array(z.number().int())),
      }),
      annotators: z.array(
        z.object({
          id: z.string(),
          name: z.string().optional(),
          judgments: z.number().int(),
          /** Agreement with the others. */
          agreement: z.number().nullable(),
          /** Share right of the items with a known answer. */
          goldAccuracy: z.number().nullable(),
          medianSeconds: z.number().nullable(),
        }),
      ),
      /** Items on which people differ, the most contested first; at most 200. */
      disagreements: z.array(
        z.object({
          item,
          answers: z.array(z.object({ annotator: z.string(), judgment: z.string(), answer: z.string() })),
          /** In bits. */
          entropy: z.number(),
        }),
      ),
    })
    .openapi('Agreement'),
})

export const readGroups = endpoint({
  method: 'get',
  path: '/api/projects/{id}/groups',
  summary: 'How far the people of each group agree, and whose comparisons a reward model follows',
  access: { role: 'reviewer' },
  belongs: 'project',
  params: idParams,
  query: z.object({
    /** A reward model that scores the items judged last, at most 500. */
    reward: id.optional(),
  }),
  response: z
    .object({
      groups: z.array(
        z.object({
          /** Null: people without one. */
          group: z.string().nullable(),
          people: z.number().int(),
          judgments: z.number().int(),
          /** Share of pairs of answers to one item, both from the group, that are the same. */
          agreement: z.number().nullable(),
          /** Share of the group's comparisons that the reward model orders alike. */
          followed: z.number().nullable(),
        }),
      ),
    })
    .openapi('Groups'),
})
