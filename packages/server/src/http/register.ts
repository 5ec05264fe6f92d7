import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { endpoints } from '../api/api.ts'
import { type Endpoint, failures } from '../api/endpoint.ts'
import { errorResponse } from '../api/error.ts'
import { ApiError } from './api-error.ts'
import type { Caller } from './caller.ts'
import type { Handlers } from './handler.ts'

/** What is known of a request before its handler runs. */
export interface Variables {
  Variables: { caller: Caller }
}

type AnyHandler = (request: unknown, caller: Caller, http: Context) => unknown

/** Registers every endpoint with its guard; what is not registered is not answered. */
export function registerEndpoints(
  app: OpenAPIHono<Variables>,
  handlers: Handlers,
  { guard, checkAnswers }: { guard: (endpoint: Endpoint) => MiddlewareHandler; checkAnswers: boolean },
): void {
  for (const [name, endpoint] of Object.entries(endpoints) as [keyof Handlers, Endpoint][]) {
    const handler = handlers[name] as AnyHandler
    const route = routeOf(name, endpoint, guard(endpoint))
    const answerWith = async (c: Context<Variables>): Promise<Response> => {
      const valid = (part: string) => c.req.valid(part as never)
      const request = {
        params: endpoint.params && valid('param'),
        query: endpoint.query && valid('query'),
        headers: endpoint.headers && valid('header'),
        body: endpoint.body && valid('json'),
      }
      const answer = await handler(request, c.get('caller'), c as Context)
      if (answer instanceof Response) return answer
      const checked = checkAnswers ? (endpoint.response as z.ZodType).parse(answer) : answer
      return c.json(checked as object, endpoint.status ?? 200)
    }
    app.openapi(route, answerWith as never)
  }
}

function routeOf(name: string, endpoint: Endpoint, guard: MiddlewareHandler) {
  const { params, query, headers, body, response, status = 200 } = endpoint
  const success =
    typeof response === 'string'
      ? { [response]: { schema: z.string() } }
      : { 'application/json': { schema: response } }
  return createRoute({
    method: endpoint.method,
    path: endpoint.path,
    operationId: name,
    summary: endpoint.summary,
    description: accessText(endpoint),
    middleware: [guard, sizeLimit(endpoint)],
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { headers } : {}),
      ...(body ? { body: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    },
    responses: {
      [status]: { description: 'Done', content: success },
      ...Object.fromEntries(
        failures.map((code) => [
          code,
          { description: 'Failed', content: { 'application/json': { schema: errorResponse } } },
        ]),
      ),
    },
  })
}

const defaultBodyLimit = 2 ** 20

/** Refuses a body that is larger than the route takes, by its announced length or while it is read. */
function sizeLimit({ bodyLimit: maxSize = defaultBodyLimit }: Endpoint): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new ApiError(413, 'too-large', `the body is larger than ${maxSize} bytes; send it in parts`)
    },
  })
}

function accessText({ access }: Endpoint): string {
  if ('anyone' in access) return 'Anyone may ask.'
  const role = access.role ? `the role ${access.role} or more` : undefined
  const scope = 'scope' in access ? `an API key of scope ${access.scope}` : undefined
  return `Needs ${[role, scope].filter(Boolean).join(', or ')}.`
}

/** Turns a validation failure into an error that names the field. */
export function validationHook(
  result: { success: boolean; error?: z.ZodError; target?: string },
  _: Context,
): undefined {
  if (result.success || !result.error) return undefined
  const part =
    { json: 'body', param: 'path', query: 'query', header: 'headers' }[result.target ?? ''] ?? 'request'
  const issue = deepest(result.error.issues)
  const field = [part, ...issue.path.map(String)].join('.')
  throw new ApiError(400, 'invalid', `${field}: ${issue.message}`, { field })
}

/** The issue to tell: of a union's branches the one that got furthest. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [issue] = issues as [z.core.$ZodIssue]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const branches = issue.errors.filter((branch) => branch.length > 0).map((branch) => deepest(branch))
  const best = branches.sort((a, b) => b.path.length - a.path.length)[0]
  return best ? { ...best, path: [...issue.path, ...best.path] } : issue
}
