import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Endpoints } from '../api/api.ts'
import type { Endpoint } from '../api/endpoint.ts'
import type { Caller } from './caller.ts'

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** A validated request. */
export interface Request<E extends Endpoint> {
  readonly params: Parsed<E['params']>
  readonly query: Parsed<E['query']>
  readonly headers: Parsed<E['headers']>
  readonly body: Parsed<E['body']>
}

/** A value that is only read. */
type ReadOnly<T> = T extends Response ? T : T extends object ? { readonly [K in keyof T]: ReadOnly<T[K]> } : T

type Answer<E extends Endpoint> = E['response'] extends z.ZodType
  ? ReadOnly<z.input<E['response']>> | Response
  : Response

/** Answers a request that is validated and allowed. */
export type Handler<E extends Endpoint> = (
  request: Request<E>,
  caller: Caller,
  http: Context,
) => Answer<E> | Promise<Answer<E>>

/** One handler for every endpoint: a missing one does not compile. */
export type Handlers = { readonly [N in keyof Endpoints]: Handler<Endpoints[N]> }

/** The account of a request that only people may make. */
export function accountOf({ account }: Caller) {
  if (!account) throw new Error('a route without a role asks for an account')
  return account
}
