import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { id, listOf, page, runName, runParams } from './ids.ts'

export const model = z
  .object({
    /** `sotu-4m`, or `<run>.<stage>` for a stage's result. */
    id,
    /** Relative to the folder that the server runs in; shown, never asked for. */
    path: z.string(),
    kind: z.enum(['lm', 'reward']),
    parameters: z.number().int(),
    createdAt: z.string(),
    run: z.string().optional(),
    stage: z.string().optional(),
    contextLength: z.number().int().optional(),
    chat: z.boolean().optional(),
  })
  .openapi('Model')

export const listModels = endpoint({
  method: 'get',
  path: '/api/models',
  summary: 'Models in models/ and of runs, newest first',
  access: { role: 'annotator' },
  query: page,
  response: listOf(model),
})

const stageView = z.object({
  name: z.string(),
  /** sft, reward, ppo, … */
  stage: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
  step: z.number().int(),
  steps: z.number().int().nullable(),
  seconds: z.number().nullable(),
})

export const run = z
  .object({
    name: runName,
    state: z.enum(['running', 'done', 'failed', 'stopped']),
    createdAt: z.string(),
    updatedAt: z.string(),
    stages: z.array(stageView),
    summary: z.record(z.string(), z.unknown()).nullable(),
    /** What a failed run said last. */
    error: z.string().optional(),
    /** The project whose labels it learns from. */
    project: z.string().optional(),
  })
  .openapi('Run')

export const listRuns = endpoint({
  method: 'get',
  path: '/api/runs',
  summary: 'Runs, newest first',
  access: { role: 'reviewer' },
  query: page,
  response: listOf(run),
})

export const listRecipes = endpoint({
  method: 'get',
  path: '/api/recipes',
  summary: 'Recipes that come with Attune',
  access: { role: 'reviewer' },
  query: page,
  response: listOf(
    z
      .object({ id, name: z.string(), description: z.string(), paper: z.string(), text: z.string() })
      .openapi('Recipe'),
  ),
})

const overrides = z
  .array(z.string().regex(/^(seed|threads|stages\.[a-z0-9-]+(\.[a-z_]+)+)=[A-Za-z0-9.+-]{1,60}$/))
  .max(50)
  .default([])

export const templates = ['reward-ppo', 'dpo'] as const

export const startRun = endpoint({
  method: 'post',
  path: '/api/runs',
  summary: "Start a recipe, or a template on a project's labels, in a process of its own",
  access: { role: 'admin' },
  body: z.union([
    z.object({
      name: runName.optional(),
      /** YAML. Files and folders in it must be known models or the files of known recipes. */
      recipe: z.string().min(1).max(200_000),
      overrides,
    }),
    z.object({
      name: runName,
      project: id,
      template: z.enum(templates),
      /** The policy to start from. */
      model: id.optional(),
      overrides,
    }),
  ]),
  status: 201,
  response: run,
})

export const startLoop = endpoint({
  method: 'post',
  path: '/api/loop',
  summary:
    "A project's labels → reward model → policy → samples before and after; then the next round's items",
  access: { role: 'admin' },
  body: z.object({
    project: id,
    /** Default: the project's name and the next free number. */
    name: runName.optional(),
    method: z.enum(templates).default('reward-ppo'),
    /** The policy to start from; default: the result of the project's last round, or the model that was sampled. */
    model: id.optional(),
    /** Items to sample from the new model for the next round; 0 for none. */
    nextItems: z.number().int().min(0).max(5000).default(0),
    /** Steps of the policy stage; fewer are quicker. */
    steps: z.number().int().min(1).max(10_000).optional(),
  }),
  status: 201,
  response: run,
})

export const readRun = endpoint({
  method: 'get',
  path: '/api/runs/{name}',
  summary: 'A run',
  access: { role: 'reviewer' },
  params: runParams,
  response: run.extend({ recipe: z.string().nullable() }).openapi('RunView'),
})

export const stopRun = endpoint({
  method: 'post',
  path: '/api/runs/{name}/stop',
  summary: 'Ask a run to save and end',
  access: { role: 'admin' },
  params: runParams,
  status: 202,
  response: run,
})

export const resumeRun = endpoint({
  method: 'post',
  path: '/api/runs/{name}/resume',
  summary: 'Go on from the newest checkpoint',
  access: { role: 'admin' },
  params: runParams,
  status: 202,
  response: run,
})

const rows = z.array(z.record(z.string(), z.union([z.number(), z.string(), z.null()])))

export const readMetrics = endpoint({
  method: 'get',
  path: '/api/runs/{name}/metrics',
  summary: 'Records of a stage, one per step; `after` leaves out steps up to it',
  access: { role: 'reviewer' },
  params: runParams,
  query: z.object({ stage: runName, after: z.coerce.number().int().min(-1).default(-1) }),
  response: z.object({ stage: z.string(), rows }),
})

export const readSamples = endpoint({
  method: 'get',
  path: '/api/runs/{name}/samples',
  summary: 'Samples of a stage: its log while it trains, or before and after when it evaluates',
  access: { role: 'reviewer' },
  params: runParams,
  query: z.object({ stage: runName, after: z.coerce.number().int().min(-1).default(-1) }),
  response: z.object({
    stage: z.string(),
    rows: z.array(z.looseObject({ prompt: z.string() })),
  }),
})

/** The named results that stages leave beside their metrics. */
export const readResult = endpoint({
  method: 'get',
  path: '/api/runs/{name}/result',
  summary:
    "A stage's result: `evaluation` (win rate, samples before and after), `held-out` (accuracy, calibration)",
  access: { role: 'reviewer' },
  params: runParams,
  query: z.object({ stage: runName, kind: z.enum(['evaluation', 'held-out', 'done']) }),
  response: z.record(z.string(), z.unknown()),
})

export const runEvents = endpoint({
  method: 'get',
  path: '/api/runs/{name}/events',
  summary: 'Live: `run` (its state), `metrics` {stage,row}, `sample` {stage,row}',
  access: { role: 'reviewer' },
  params: runParams,
  response: 'text/event-stream',
})

export const events = endpoint({
  method: 'get',
  path: '/api/events',
  summary: 'Live: `run` {name,state}, `project` {id,progress}',
  access: { role: 'annotator' },
  response: 'text/event-stream',
})
