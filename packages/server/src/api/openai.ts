import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { id, idempotencyKey } from './ids.ts'
import { chatMessage } from './records.ts'

const sampled = {
  model: id,
  stream: z.boolean().nullish(),
  n: z.number().int().min(1).max(16).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z
    .number()
    .int()
    .min(-(2 ** 53))
    .max(2 ** 53)
    .nullish(),
  stop: z.union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(4)]).nullish(),
  max_tokens: z.number().int().min(1).max(8192).nullish(),
  user: z.string().max(200).nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
}

const inference = { scope: 'inference', role: 'annotator' } as const

/** OpenAI's answers are described by OpenAI; here only that they are objects. */
const openAiAnswer = z.looseObject({ id: z.string(), object: z.string() })

export const chatCompletions = endpoint({
  method: 'post',
  path: '/v1/chat/completions',
  summary: "OpenAI's chat completions; server-sent events with `stream`",
  access: inference,
  body: z.looseObject({
    ...sampled,
    messages: z.array(chatMessage).min(1).max(500),
    max_completion_tokens: z.number().int().min(1).max(8192).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.number().int().min(0).max(20).nullish(),
  }),
  response: openAiAnswer,
})

export const completions = endpoint({
  method: 'post',
  path: '/v1/completions',
  summary: "OpenAI's completions; server-sent events with `stream`",
  access: inference,
  body: z.looseObject({
    ...sampled,
    prompt: z.union([z.string().max(200_000), z.array(z.string().max(200_000)).min(1).max(64)]),
    logprobs: z.number().int().min(0).max(5).nullish(),
    echo: z.boolean().nullish(),
  }),
  response: openAiAnswer,
})

export const listServedModels = endpoint({
  method: 'get',
  path: '/v1/models',
  summary: "OpenAI's list of models",
  access: inference,
  response: z.object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        id: z.string(),
        object: z.literal('model'),
        created: z.number().int(),
        owned_by: z.string(),
      }),
    ),
  }),
})

export const score = endpoint({
  method: 'post',
  path: '/v1/score',
  summary: "A reward model's scores of completions",
  access: inference,
  body: z.object({
    model: id,
    inputs: z
      .array(
        z.object({
          prompt: z.union([z.string().max(200_000), z.array(chatMessage)]),
          completion: z.string().max(200_000),
        }),
      )
      .min(1)
      .max(64),
  }),
  response: z.object({
    object: z.literal('list'),
    model: z.string(),
    data: z.array(z.object({ index: z.number().int(), score: z.number() })),
  }),
})

/** What an app's users do: thumbs on one answer, or the better of two. */
export const feedback = endpoint({
  method: 'post',
  path: '/v1/feedback',
  summary: "An app's own feedback; needs an API key of scope `feedback` and an Idempotency-Key",
  access: { scope: 'feedback' },
  headers: z.object({ 'idempotency-key': idempotencyKey }),
  body: z.union([
    z.object({
      prompt: z.union([z.string().max(200_000), z.array(chatMessage).min(1).max(200)]),
      completion: z.string().max(200_000),
      /** true for thumbs up. */
      desirable: z.boolean(),
      /** Your own id of the user, kept as it is. */
      user: z.string().min(1).max(200).optional(),
      model: z.string().max(200).optional(),
      comment: z.string().max(5000).optional(),
    }),
    z.object({
      prompt: z.union([z.string().max(200_000), z.array(chatMessage).min(1).max(200)]),
      completions: z.tuple([z.string().max(200_000), z.string().max(200_000)]),
      preferred: z.union([z.literal(0), z.literal(1), z.literal('tie'), z.literal('both-bad')]),
      user: z.string().min(1).max(200).optional(),
      models: z.tuple([z.string().max(200), z.string().max(200)]).optional(),
      comment: z.string().max(5000).optional(),
    }),
  ]),
  status: 201,
  response: z.object({ id, duplicate: z.boolean() }),
})
