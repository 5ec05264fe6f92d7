import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { csrfToken, sameText } from './accounts/secrets.ts'
import { endpoints } from './api/api.ts'
import { handlers } from './handlers/handlers.ts'
import { answerError, toApiError } from './http/answer-error.ts'
import { notFound } from './http/api-error.ts'
import { guard } from './http/guard.ts'
import { securityHeaders } from './http/headers.ts'
import { identify } from './http/identify.ts'
import { sameOriginOnly } from './http/origin.ts'
import { type Rate, rateLimit } from './http/rate-limit.ts'
import { registerEndpoints, type Variables, validationHook } from './http/register.ts'
import type { Services } from './services.ts'

/** What an app is besides its services. */
export interface AppOptions {
  /** Names under which the server is reached, besides this machine's own. */
  readonly hosts: readonly string[]
  /** Folder that models/, recipes/ and runs/ lie in. */
  readonly folder: string
  readonly files?: MiddlewareHandler
  /** Requests of one caller. */
  readonly rate: Rate
  /** Checks each answer against its schema; for tests. */
  readonly checkAnswers?: boolean
  /** The address of the other side; headers are not believed. */
  readonly addressOf: (c: Context) => string
  readonly log: (text: string) => void
}

/** The API and the studio's files. What is not an endpoint or a known file is not found. */
export function createApp(services: Services, options: AppOptions): OpenAPIHono<Variables> {
  const { store, audit, settings } = services
  const app = new OpenAPIHono<Variables>({ defaultHook: validationHook as never })
  app.onError((cause, c) => answerError(c, toApiError(cause, options.log)))
  app.notFound((c) => answerError(c, notFound('this address')))
  app.use(securityHeaders(settings))
  app.use(sameOriginOnly({ hosts: options.hosts, https: settings.https }))

  const whoAsks = identify(services)
  const guarded = {
    identify: whoAsks,
    isCsrfToken: (session: string, token: string) => sameText(token, csrfToken(settings.secret, session)),
    ownerOf: async (kind: 'lease' | 'judgment', id: string) => {
      if (kind === 'lease') return store.lease(id)
      const judgment = await store.judgment(id)
      return judgment && { project: judgment.project, annotator: judgment.annotator.id }
    },
    requests: rateLimit(options.rate),
    addressOf: options.addressOf,
    local: settings.local,
    audit: audit.add,
  }
  registerEndpoints(app, handlers({ ...services, folder: options.folder }), {
    guard: (endpoint) => guard(endpoint, guarded),
    checkAnswers: options.checkAnswers ?? false,
  })
  app.get('/openapi.json', (c) => c.json(describe(app)))
  if (options.files) app.use(options.files)
  return app
}

/** The OpenAPI description of all endpoints. */
export function describe(app: OpenAPIHono<Variables>) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Attune server',
      version: '0.1.0',
      description: `${Object.keys(endpoints).length} endpoints of the feedback studio and of OpenAI-compatible inference.`,
    },
  })
  return document
}
