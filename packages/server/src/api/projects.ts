import { trlFormatNames } from '@attune/feedback'
import { z } from '@hono/zod-openapi'
import { endpoint } from './endpoint.ts'
import { id, idParams, line, listOf, page } from './ids.ts'
import { item, newItem, newProject, progress, project, protocol } from './records.ts'

/** How far the sampling of a project's items is. */
const sampling = z
  .object({
    model: z.string(),
    total: z.number().int(),
    done: z.number().int(),
    state: z.enum(['running', 'done', 'failed']),
    error: z.string().optional(),
  })
  .openapi('Sampling')

export const projectView = project.extend({ progress, sampling: sampling.optional() }).openapi('ProjectView')

export const listProjects = endpoint({
  method: 'get',
  path: '/api/projects',
  summary: 'Projects that the caller may see, newest first',
  access: { role: 'annotator' },
  query: page.extend({ archived: z.enum(['true', 'false']).optional() }),
  response: listOf(projectView),
})

export const createProject = endpoint({
  method: 'post',
  path: '/api/projects',
  summary: 'Create a project',
  access: { role: 'admin' },
  body: newProject.omit({ id: true }),
  status: 201,
  response: projectView,
})

export const readProject = endpoint({
  method: 'get',
  path: '/api/projects/{id}',
  summary: 'A project with its progress',
  access: { role: 'annotator' },
  belongs: 'project',
  params: idParams,
  response: projectView,
})

export const updateProject = endpoint({
  method: 'patch',
  path: '/api/projects/{id}',
  summary: 'Change a project; another protocol needs another version',
  access: { role: 'admin' },
  belongs: 'project',
  params: idParams,
  body: z.strictObject({
    name: line.optional(),
    description: z.string().max(5000).optional(),
    protocol: protocol.optional(),
    archived: z.boolean().optional(),
  }),
  response: projectView,
})

export const addItems = endpoint({
  method: 'post',
  path: '/api/projects/{id}/items',
  summary: 'Add items; the same id twice adds one',
  access: { role: 'admin' },
  belongs: 'project',
  params: idParams,
  bodyLimit: 32 * 2 ** 20,
  body: z.object({ items: z.array(newItem).min(1).max(10_000) }),
  status: 201,
  response: z.object({ added: z.number().int(), existing: z.number().int() }),
})

export const listItems = endpoint({
  method: 'get',
  path: '/api/projects/{id}/items',
  summary: "A project's items",
  access: { role: 'reviewer' },
  belongs: 'project',
  params: idParams,
  query: page.extend({
    state: z.enum(['open', 'done']).optional(),
    /** Questions with a known answer only, or none of them. */
    gold: z.enum(['true', 'false']).optional(),
  }),
  response: listOf(
    z.object({ item, state: z.enum(['open', 'done']), filled: z.number().int(), held: z.number().int() }),
  ),
})

export const projectFromSamples = endpoint({
  method: 'post',
  path: '/api/projects/from-samples',
  summary: "A new project, or more items of one, from a model's samples; they arrive one after the other",
  access: { role: 'admin' },
  bodyLimit: 8 * 2 ** 20,
  body: z.object({
    /** A project that takes the items; without it one is made from `name` and `protocol`. */
    project: id.optional(),
    name: line.optional(),
    description: z.string().max(5000).optional(),
    protocol: protocol.optional(),
    model: id,
    prompts: z.array(z.string().min(1).max(50_000)).min(1).max(5000),
    completionsPerPrompt: z.number().int().min(1).max(9).default(2),
    maxNewTokens: z.number().int().min(1).max(2048).default(64),
    temperature: z.number().min(0).max(5).default(1),
    topP: z.number().gt(0).max(1).default(1),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 31)
      .default(0),
    /** A reward model that scores each completion. */
    reward: id.optional(),
  }),
  status: 202,
  response: projectView,
})

export const importFormats = [
  'jsonl',
  'csv',
  'trl-preference',
  'trl-unpaired',
  'trl-prompt-completion',
  'argilla',
  'label-studio',
] as const

export const importItems = endpoint({
  method: 'post',
  path: '/api/projects/{id}/import',
  summary: 'Add items and judgments from the text of a file',
  access: { role: 'admin' },
  belongs: 'project',
  params: idParams,
  bodyLimit: 64 * 2 ** 20,
  body: z.object({ format: z.enum(importFormats), text: z.string().min(1) }),
  response: z.object({
    items: z.number().int(),
    judgments: z.number().int(),
    /** Rows that were left out, with the reason; at most 100. */
    problems: z.array(z.object({ row: z.number().int(), message: z.string() })),
  }),
})

export const readProgress = endpoint({
  method: 'get',
  path: '/api/projects/{id}/progress',
  summary: 'Items, slots and who did how many',
  access: { role: 'annotator' },
  belongs: 'project',
  params: idParams,
  response: progress,
})

export const exportFormats = [
  ...trlFormatNames,
  'jsonl',
  'csv',
  'parquet',
  'argilla',
  'label-studio',
] as const

export const exportJudgments = endpoint({
  method: 'get',
  path: '/api/projects/{id}/export',
  summary:
    'Judgments as a file, streamed; X-Attune-Left-Out counts the kinds that Argilla and Label Studio cannot hold',
  access: { role: 'reviewer' },
  belongs: 'project',
  params: idParams,
  query: z.object({ format: z.enum(exportFormats) }),
  response: 'application/octet-stream',
})
