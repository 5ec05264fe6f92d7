import { protocolSchema } from '@attune/feedback'
import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { id, idParams } from './ids.ts'

const prescreen = z.object({
  /** A language model that is asked which answer is better; without it the reward models decide. */
  judge: id.optional(),
  /** Least probability of the better answer. */
  certainty: z.number().gt(0.5).lt(1).default(0.95),
  /** Share of the pairs judged by the model that people are asked about all the same. */
  checkShare: z.number().min(0).max(1).default(0.1),
})

const order = protocolSchema.shape.order.unwrap().clone()

/** What orders a project's queue, and how far the scoring is. */
export const selection = z
  .object({
    order,
    /** Reward models; several are an ensemble. Empty: the newest one that the project's own runs have made. */
    models: z.array(id),
    /** Null: people are asked about everything. */
    prescreen: prescreen.nullable(),
    state: z.object({
      state: z.enum(['idle', 'running', 'done', 'failed']),
      /** Models whose scores the order is from. */
      models: z.array(id),
      scored: z.number().int(),
      total: z.number().int(),
      /** Pairs judged by a model so far. */
      prescreened: z.number().int(),
      /** Why it failed, or what it waits for. */
      reason: z.string().optional(),
      time: z.string().optional(),
    }),
  })
  .openapi('Selection')

export const readSelection = endpoint({
  method: 'get',
  path: '/api/projects/{id}/selection',
  summary: 'What is asked next: the order, the models that score, pre-screening, and how far the scoring is',
  access: { role: 'reviewer' },
  belongs: 'project',
  params: idParams,
  response: selection,
})

export const updateSelection = endpoint({
  method: 'patch',
  path: '/api/projects/{id}/selection',
  summary: 'Change the order, the scoring models or pre-screening; the queue follows in the background',
  access: { role: 'admin' },
  belongs: 'project',
  params: idParams,
  body: z.strictObject({
    order: order.optional(),
    models: z.array(id).max(16).optional(),
    prescreen: prescreen.nullable().optional(),
  }),
  response: selection,
})

export const refreshSelection = endpoint({
  method: 'post',
  path: '/api/projects/{id}/selection/refresh',
  summary: 'Score the open items anew now; it happens by itself when a model or items come',
  access: { role: 'admin' },
  belongs: 'project',
  params: idParams,
  body: z.strictObject({}),
  status: 202,
  response: selection,
})
