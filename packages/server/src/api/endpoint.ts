import type { z } from '@hono/zod-openapi'

/** Roles of people, each may do what those before it may. */
export const roles = ['annotator', 'reviewer', 'admin'] as const
export type Role = (typeof roles)[number]

/** What an API key may be used for. */
export const scopes = ['feedback', 'inference'] as const
export type Scope = (typeof scopes)[number]

/** Who may call a route: everyone, people of at least a role, or keys of a scope (and people of a role). */
export type Access =
  | { readonly anyone: true }
  | { readonly role: Role }
  | { readonly scope: Scope; readonly role?: Role }

/** What a route belongs to; people see only what belongs to their projects. */
export type Belongs = 'project' | 'lease' | 'judgment' | 'nothing'

type Schema = z.ZodType

/** A route as data: its OpenAPI description, its validation, its access and its client type come from here. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** Path with `{name}` for each parameter. */
  readonly path: `/${string}`
  readonly summary: string
  readonly access: Access
  /** How `{id}` leads to a project; default 'nothing'. */
  readonly belongs?: Belongs
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly headers?: z.ZodObject
  readonly body?: Schema
  /** Most bytes of a body; default 1 MiB. */
  readonly bodyLimit?: number
  /** Schema of the JSON answer, or the media type of a stream. */
  readonly response: Schema | 'text/event-stream' | 'application/octet-stream'
  readonly status?: 200 | 201 | 202
}

/** An endpoint with its literal types. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition
}

/** The parts of a request and its answer as types: what the client sends and what the handler receives. */
export interface Call<E extends Endpoint> {
  readonly params: E['params'] extends Schema ? z.input<E['params']> : undefined
  readonly query: E['query'] extends Schema ? z.input<E['query']> : undefined
  readonly body: E['body'] extends Schema ? z.input<E['body']> : undefined
  readonly response: E['response'] extends Schema ? z.output<E['response']> : ReadableStream
}

/** Answers that every route may give besides its own. */
export const failures = [400, 401, 403, 404, 409, 413, 415, 422, 429, 503] as const
