import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Role } from '../src/api/endpoint.ts'
import { type RunningServer, type ServerOptions, startServer } from '../src/start.ts'

/** The clone's folder. */
export const root = resolve(import.meta.dirname, '../../..')

export interface TestServer extends RunningServer {
  readonly folder: string
  /** Stops the server and starts another on the same data. */
  readonly restart: (options?: Partial<ServerOptions>) => Promise<TestServer>
  readonly remove: () => Promise<void>
}

/** A server on data of its own, with the clone's models and recipes. */
export async function testServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-server-'))
  await symlink(join(root, 'models'), join(folder, 'models'))
  await symlink(join(root, 'recipes'), join(folder, 'recipes'))
  return startIn(folder, options)
}

async function startIn(folder: string, options: Partial<ServerOptions>): Promise<TestServer> {
  const server = await startServer({
    folder,
    data: folder,
    port: 0,
    attune: [process.execPath, join(root, 'packages/cli/bin/attune.js')],
    threads: 1,
    rate: { count: 1e9, seconds: 1 },
    checkAnswers: true,
    log: (text) => console.error(text),
    ...options,
  })
  return {
    ...server,
    folder,
    restart: async (changed = {}) => {
      await server.close()
      return startIn(folder, { ...options, ...changed })
    },
    remove: async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const password = 'a long enough password'

/** A server that asks for accounts, with an admin `root`. */
export function guardedServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  return testServer({ origin: 'http://studio.test', admin: { name: 'root', password }, ...options })
}

type Field = 'id' | 'lease' | 'item' | 'claim' | 'judgment' | 'secret' | 'prompt' | 'draft' | 'error' | 'code'
type List = 'items' | 'models' | 'answers' | 'stages'

/** JSON as a test reads it. */
export type Loose = { readonly [F in Field]: Loose & string } & { readonly [L in List]: readonly Loose[] }

/** A browser's session with a server: keeps its cookie, sends its token. */
export interface Browser {
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; json: Loose; text: string; headers: Headers }>
  readonly headers: () => Record<string, string>
}

/** Its session outlives the server: where `server.port` changes, the next call goes to the new one. */
export async function browser(
  server: Pick<RunningServer, 'port'>,
  login?: { name: string; password?: string },
): Promise<Browser> {
  let cookie = ''
  let csrf = ''
  const headers = () => ({ cookie, 'x-attune-csrf': csrf })
  const call: Browser['call'] = async (method, path, body, extra = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: {
        ...headers(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...extra,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const set = response.headers.getSetCookie()[0]
    if (set) cookie = set.split(';')[0]!
    const text = await response.text()
    const json = /^application.json/.test(response.headers.get('content-type') ?? '')
      ? JSON.parse(text || 'null')
      : {}
    if (json?.csrf) csrf = json.csrf
    return { status: response.status, json, text, headers: response.headers }
  }
  await call('GET', '/api/session')
  if (login) {
    const { status, text } = await call('POST', '/api/login', { password: '', ...login })
    if (status !== 200) throw new Error(`login: ${status} ${text}`)
  }
  return { call, headers }
}

/** A person of a role, logged in. */
export async function person(
  server: TestServer,
  { name, role, projects = 'all' }: { name: string; role: Role; projects?: 'all' | string[] },
): Promise<Browser & { id: string }> {
  const { id } = await server.services.accounts.create({ name, role, projects, password })
  return { ...(await browser(server, { name, password })), id }
}

export const pairs = {
  kind: 'comparison',
  question: 'Which is better?',
  overlap: 2,
} as const

/** A project of pairs. */
export async function project(
  server: TestServer,
  { items = 10, overlap = 2, id }: { items?: number; overlap?: number; id?: string } = {},
) {
  const { store } = server.services
  const made = await store.projects.create({
    ...(id ? { id } : {}),
    name: 'Pairs',
    protocol: { ...pairs, overlap },
  })
  await store.addItems(
    made.id,
    Array.from({ length: items }, (_, i) => ({
      id: `item-${i}`,
      prompt: `Prompt ${i}`,
      completions: [
        { text: `good ${i}`, model: 'one' },
        { text: `bad ${i}`, model: 'two' },
      ],
    })),
  )
  return made
}
