import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { id, idempotencyKey, idParams } from './ids.ts'

export const arenaRound = endpoint({
  method: 'post',
  path: '/api/arena/round',
  summary: 'Two models answer one prompt; their names are hidden until the vote',
  access: { role: 'annotator' },
  body: z.object({
    prompt: z.string().min(1).max(20_000),
    /** Without it two are drawn. */
    models: z.tuple([id, id]).optional(),
    maxNewTokens: z.number().int().min(1).max(1024).default(64),
    temperature: z.number().min(0).max(5).default(0.7),
  }),
  status: 201,
  response: z.object({
    id,
    prompt: z.string(),
    answers: z.tuple([
      z.object({ slot: z.literal('A'), text: z.string() }),
      z.object({ slot: z.literal('B'), text: z.string() }),
    ]),
  }),
})

export const arenaVote = endpoint({
  method: 'post',
  path: '/api/arena/{id}/vote',
  summary: 'Vote once; the answer says who was who',
  access: { role: 'annotator' },
  params: idParams,
  body: z.object({
    preferred: z.union([z.literal(0), z.literal(1), z.literal('tie'), z.literal('both-bad')]),
    key: idempotencyKey,
  }),
  response: z.object({ models: z.tuple([z.string(), z.string()]), duplicate: z.boolean() }),
})

export const arenaLeaderboard = endpoint({
  method: 'get',
  path: '/api/arena/leaderboard',
  summary: 'Bradley–Terry strengths with 95 % intervals; Elo for display',
  access: { role: 'annotator' },
  response: z
    .object({
      votes: z.number().int(),
      models: z.array(
        z.object({
          model: z.string(),
          /** On Elo's scale: 400·log₁₀ of odds, mean 1000. */
          rating: z.number(),
          low: z.number(),
          high: z.number(),
          elo: z.number(),
          /** 1 + number of models whose lower end beats this one's upper end. */
          rank: z.number().int(),
          votes: z.number().int(),
          wins: z.number().int(),
          ties: z.number().int(),
          bothBad: z.number().int(),
        }),
      ),
    })
    .openapi('Leaderboard'),
})
