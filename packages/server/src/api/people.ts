import { z } from '@hono/zod-openapi'
import { endpoint, roles, scopes } from './endpoint.ts'
import { done, id, idParams, line, listOf, page } from './ids.ts'

const membership = z.union([z.literal('all'), z.array(id).max(1000)])

const person = z
  .object({
    id,
    name: z.string(),
    role: z.enum(roles),
    /** Projects that the person sees. */
    projects: membership,
    disabled: z.boolean(),
    /** Group of people whose preferences are looked at apart. */
    group: z.string().nullable(),
    hasPassword: z.boolean(),
    createdAt: z.string(),
  })
  .openapi('Person')

const password = z.string().min(10).max(200)

export const listPeople = endpoint({
  method: 'get',
  path: '/api/people',
  summary: 'Accounts',
  access: { role: 'admin' },
  query: page,
  response: listOf(person),
})

export const createPerson = endpoint({
  method: 'post',
  path: '/api/people',
  summary: 'Create an account; only a local server takes one without a password',
  access: { role: 'admin' },
  body: z.object({
    name: line,
    role: z.enum(roles),
    projects: membership.default('all'),
    password: password.optional(),
    group: line.nullable().optional(),
  }),
  status: 201,
  response: person,
})

export const updatePerson = endpoint({
  method: 'patch',
  path: '/api/people/{id}',
  summary: 'Change role, projects, group or password of an account, or disable it; its sessions end',
  access: { role: 'admin' },
  params: idParams,
  body: z.object({
    name: line.optional(),
    role: z.enum(roles).optional(),
    projects: membership.optional(),
    password: password.optional(),
    disabled: z.boolean().optional(),
    group: line.nullable().optional(),
  }),
  response: person,
})

const apiKey = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    /** The project that a feedback key writes to. */
    project: id.nullable(),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable(),
    revoked: z.boolean(),
  })
  .openapi('ApiKey')

export const listKeys = endpoint({
  method: 'get',
  path: '/api/keys',
  summary: 'API keys, without their secrets',
  access: { role: 'admin' },
  query: page,
  response: listOf(apiKey),
})

export const createKey = endpoint({
  method: 'post',
  path: '/api/keys',
  summary: 'Create an API key; its secret is shown this once',
  access: { role: 'admin' },
  body: z.object({
    name: line,
    scopes: z.array(z.enum(scopes)).min(1).max(2),
    project: id.nullable().default(null),
  }),
  status: 201,
  response: apiKey.extend({ secret: z.string() }).openapi('NewApiKey'),
})

export const revokeKey = endpoint({
  method: 'delete',
  path: '/api/keys/{id}',
  summary: 'Revoke an API key',
  access: { role: 'admin' },
  params: idParams,
  response: done,
})

export const listAudit = endpoint({
  method: 'get',
  path: '/api/audit',
  summary: 'Who did what, newest first; entries are never changed',
  access: { role: 'admin' },
  query: page,
  response: listOf(
    z
      .object({
        id: z.string(),
        time: z.string(),
        account: z.string().nullable(),
        action: z.string(),
        subject: z.string().nullable(),
        detail: z.string().nullable(),
      })
      .openapi('AuditEntry'),
  ),
})
