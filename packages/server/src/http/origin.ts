import type { MiddlewareHandler } from 'hono'
import { ApiError } from './api-error.ts'

const loopback = ['localhost', '127.0.0.1', '[::1]']

/**
 * Refuses requests under another host's name (DNS rebinding) and from other sites' pages. `hosts` are the names that the
 * server is reached by besides this machine's own; with `anyPort` unset the Origin must be the Host itself.
 */
export function sameOriginOnly({
  hosts,
  https,
}: {
  hosts: readonly string[]
  https: boolean
}): MiddlewareHandler {
  const known = new Set([...loopback, ...hosts.map((host) => host.toLowerCase())])
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').toLowerCase()
    if (!known.has(nameOf(host))) {
      throw new ApiError(
        421,
        'wrong-host',
        `this server does not answer under the name '${host.slice(0, 100)}'; start it with that name as --host or ATTUNE_ORIGIN`,
      )
    }
    const origin = c.req.header('origin')
    const own = [`http://${host}`, ...(https ? [`https://${host}`] : [])]
    if (origin !== undefined && !own.includes(origin.toLowerCase()))
      throw new ApiError(403, 'cross-origin', 'requests from the pages of other sites are not answered')
    const site = c.req.header('sec-fetch-site')
    const isPage = c.req.header('sec-fetch-mode') === 'navigate' && c.req.method === 'GET'
    if (site !== undefined && !['same-origin', 'none'].includes(site) && !isPage)
      throw new ApiError(403, 'cross-origin', 'requests from the pages of other sites are not answered')
    await next()
  }
}

/** A host's name without its port. */
function nameOf(host: string): string {
  return /^\[[^\]]*\]/.exec(host)?.[0] ?? host.split(':')[0]!
}
