import { z } from '@hono/zod-openapi'
import { endpoint, roles } from './endpoint.ts'
import { done, id, line } from './ids.ts'

export const account = z.object({ id, name: z.string(), role: z.enum(roles) }).openapi('Account')

const session = z
  .object({
    account: account.nullable(),
    /** Sent back in the header `x-attune-csrf` with everything that changes something. */
    csrf: z.string(),
    /** Whether the server listens on this machine only, where nobody has to log in. */
    local: z.boolean(),
  })
  .openapi('Session')

export const readSession = endpoint({
  method: 'get',
  path: '/api/session',
  summary: 'Who is logged in; sets the session cookie',
  access: { anyone: true },
  response: session,
})

export const login = endpoint({
  method: 'post',
  path: '/api/login',
  summary: 'Log in; on a local server accounts without a password need none',
  access: { anyone: true },
  body: z.object({ name: line, password: z.string().max(200).default('') }),
  response: session,
})

export const logout = endpoint({
  method: 'post',
  path: '/api/logout',
  summary: 'End the session',
  access: { anyone: true },
  response: done,
})
