import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UserError } from '../../errors.ts'

/** A page's server that listens on this machine alone. */
export interface LocalServer {
  readonly url: string
  readonly close: () => Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Serves routes, `GET /` and the like, on the loopback address, to their own page only; 0 takes any free port. */
export async function localServer(
  port: number,
  routes: Readonly<Record<string, Handler>>,
): Promise<LocalServer> {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page elsewhere must not reach this one through a name that points here.
    if (!isLocal(request, (server.address() as AddressInfo).port))
      return send(response, 403, { error: 'only this page may ask' })
    const route = `${request.method} ${request.url}`
    const handler = Object.hasOwn(routes, route) ? routes[route] : undefined
    if (!handler) return send(response, 404, { error: `there is no ${route}` })
    await handler(request, response)
  }
  const server = createServer((request, response) => {
    respond(request, response).catch((cause: Error) => {
      if (!response.headersSent) send(response, 500, { error: cause.message })
    })
  })
  const bound = await listen(server, port)
  return {
    url: `http://127.0.0.1:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 500).unref() // what was said last arrives
      }),
  }
}

function isLocal({ headers, method }: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const fromPage = headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`)
  return hosts.includes(headers.host ?? '') && (method === 'GET' || fromPage)
}

/** The JSON of a small body; undefined when it is none. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) {
    text += part
    if (text.length > 10_000) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Answers with JSON. */
export function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

/** Answers with a page that carries its own script and style. */
export function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
  })
  response.end(html)
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new UserError(`port ${port} is taken: give another with --port, or 0 for any`)
          : cause,
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
