import type { Context, MiddlewareHandler } from 'hono'
import type { AuditEntry } from '../accounts/audit.ts'
import type { Endpoint } from '../api/endpoint.ts'
import { ApiError, forbidden, notFound } from './api-error.ts'
import { type Caller, hasRole, sees } from './caller.ts'
import type { RateLimit } from './rate-limit.ts'

/** What guards need of the rest. */
export interface GuardServices {
  /** Who asks, by cookie or key; in local mode whoever has neither is the machine's own user. */
  readonly identify: (c: Context, address: string) => Promise<Caller>
  readonly isCsrfToken: (session: string, token: string) => boolean
  /** The project that an id of a kind leads to, and the person whose it is; null when there is none. */
  readonly ownerOf: (
    kind: 'lease' | 'judgment',
    id: string,
  ) => Promise<{ project: string; annotator: string } | null>
  readonly requests: RateLimit
  readonly addressOf: (c: Context) => string
  /** On a local server models may be asked without a key. */
  readonly local: boolean
  readonly audit: (entry: AuditEntry) => Promise<void>
}

const safe = ['get']

/**
 * What stands before an endpoint's handler: rate limit, who asks, whether they may, whether the request is
 * theirs (CSRF), and whether what it names belongs to their projects.
 */
export function guard(endpoint: Endpoint, services: GuardServices): MiddlewareHandler {
  const { access, method, path } = endpoint
  const isUnsafe = !safe.includes(method)
  const isAudited = isUnsafe && 'role' in access && access.role === 'admin'
  return async (c, next) => {
    const address = services.addressOf(c)
    const caller = await services.identify(c, address)
    const wait = services.requests.take(caller.account?.id ?? caller.key?.id ?? address)
    if (wait > 0) throw new ApiError(429, 'too-many', 'too many requests', { retryAfter: wait })
    checkAccess(endpoint, caller, services.local)
    if (isUnsafe) {
      checkCsrf(caller, { token: c.req.header('x-attune-csrf'), endpoint, services })
      checkType(endpoint, c.req.header('content-type') ?? '')
    }
    await checkBelongs(endpoint, { id: c.req.param('id'), caller, services })
    c.set('caller', caller)
    await next()
    if (isAudited || path === '/api/projects/{id}/export') {
      const subject = c.req.param('id') ?? c.req.param('name') ?? null
      await services.audit({
        account: caller.account?.id ?? null,
        address,
        action: `${method.toUpperCase()} ${path}`,
        subject,
        detail: String(c.res.status),
      })
    }
  }
}

function checkAccess({ access }: Endpoint, { account, key }: Caller, local: boolean): void {
  if ('anyone' in access) return
  if (key) {
    if ('scope' in access && key.scopes.includes(access.scope)) return
    throw forbidden(
      `this API key may not do that${'scope' in access ? `; it needs the scope '${access.scope}'` : ''}`,
    )
  }
  const needed = access.role
  if (!account || !needed) {
    const how =
      'scope' in access && !(local && needed) ? 'send an API key as `Authorization: Bearer …`' : 'log in'
    throw new ApiError(401, 'not-logged-in', `this needs an account or a key; ${how}`)
  }
  if (!hasRole(account, needed)) throw forbidden(`this needs the role ${needed}, yours is ${account.role}`)
}

/** Cookies are sent by browsers unasked: what they change needs a token that only our own page knows. */
function checkCsrf(
  { key, session }: Caller,
  { token, endpoint, services }: { token: string | undefined; endpoint: Endpoint; services: GuardServices },
): void {
  if (key) return
  // programs on this machine may ask models without a session; pages of other sites are refused by their origin
  if (services.local && !session && 'scope' in endpoint.access) return
  if (!session || !token || !services.isCsrfToken(session, token))
    throw new ApiError(
      403,
      'csrf',
      'the header x-attune-csrf is missing or old; GET /api/session gives it, with the cookie it belongs to',
    )
}

function checkType({ body }: Endpoint, type: string): void {
  if (body && !/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(
      415,
      'not-json',
      `the body's type is '${type.slice(0, 60)}', expected application/json`,
    )
}

async function checkBelongs(
  { belongs = 'nothing' }: Endpoint,
  { id, caller, services }: { id: string | undefined; caller: Caller; services: GuardServices },
): Promise<void> {
  if (belongs === 'nothing' || id === undefined) return
  if (belongs === 'project') {
    if (!sees(caller, id)) throw notFound('the project')
    return
  }
  const owner = await services.ownerOf(belongs, id)
  if (!owner) {
    if (belongs === 'judgment') throw notFound('the judgment')
    throw new ApiError(409, 'lease-gone', 'the lease has expired or was given back; claim the item again')
  }
  if (!sees(caller, owner.project) || owner.annotator !== caller.account?.id) throw notFound(`the ${belongs}`)
}
