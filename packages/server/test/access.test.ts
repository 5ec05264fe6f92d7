import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '../src/api/api.ts'
import { type Endpoint, roles } from '../src/api/endpoint.ts'
import {
  type Browser,
  browser,
  guardedServer,
  person,
  project,
  type TestServer,
  testServer,
} from './harness.ts'

/** Who asks in the matrix. */
const callers = [
  'nobody',
  'annotator',
  'reviewer',
  'admin',
  'annotator of another project',
  'reviewer of another project',
  'key of feedback',
] as const
type Caller = (typeof callers)[number]

let server: TestServer
const ask = new Map<Caller, Browser['call']>()
let ids: { project: string; lease: string; judgment: string; other: string }
const cookies = new Map<Caller, () => Record<string, string>>()

beforeAll(async () => {
  server = await guardedServer({ checkAnswers: false })
  const [mine, other] = [await project(server), await project(server)]
  const owner = await person(server, { name: 'owner', role: 'annotator' })
  const claim = await server.services.store.claim(mine.id, owner.id, { leaseSeconds: 600 })
  const { judgment } = await server.services.store.submit(
    {
      kind: 'flag',
      reason: 'x',
      project: mine.id,
      item: 'item-0',
      annotator: { id: owner.id, source: 'person' },
      time: new Date().toISOString(),
      protocol: '1',
    },
    { key: 'matrix-judgment' },
  )
  ids = { project: mine.id, lease: claim!.lease.id, judgment: judgment.id, other: other.id }
  await runOf(mine.id)
  const key = await server.services.keys.create({ name: 'k', scopes: ['feedback'], project: other.id })
  for (const caller of callers) {
    const role = roles.find((role) => caller.startsWith(role))
    if (role) {
      const projects = caller.endsWith('another project') ? [other.id] : [mine.id]
      const who = await person(server, { name: caller, role, projects })
      ask.set(caller, who.call)
      cookies.set(caller, who.headers)
      continue
    }
    const { call } = await browser(server)
    const headers = { authorization: `Bearer ${key.secret}` }
    cookies.set(caller, () => (caller === 'nobody' ? {} : headers))
    ask.set(caller, caller === 'nobody' ? call : (method, path, body) => call(method, path, body, headers))
  }
})
afterAll(() => server.remove())

const run = 'run-of-mine'

/** A finished run on a project's labels. */
async function runOf(project: string): Promise<void> {
  const folder = join(server.folder, 'runs', run)
  await mkdir(join(folder, 'reward'), { recursive: true })
  await writeFile(join(folder, 'recipe.yaml'), `name: ${run}\nstages: [{ name: reward, stage: reward }]\n`)
  await writeFile(join(folder, 'reward/done.json'), '{"seconds":1}')
  const record = { pid: 0, started: '', createdAt: new Date().toISOString(), project }
  await writeFile(join(folder, 'server.json'), JSON.stringify(record))
}

/** Whether a route shows a run, which is its project's. */
const showsRun = ({ method, path }: Endpoint) => method === 'get' && path.includes('{name}')

/** What the table of routes says: may this caller pass the guard? */
function mayPass(endpoint: Endpoint, caller: Caller): boolean {
  const { access, belongs } = endpoint
  if ('anyone' in access) return true
  if (caller === 'nobody') return false
  if (caller === 'key of feedback') return 'scope' in access && access.scope === 'feedback'
  if (!access.role) return false
  const role = roles.findIndex((role) => caller.startsWith(role))
  if (role < roles.indexOf(access.role)) return false
  if (belongs === 'project' || showsRun(endpoint)) return !caller.endsWith('another project')
  return belongs !== 'lease' && belongs !== 'judgment' // these are the owner's alone
}

const cases = Object.entries(endpoints).filter(
  ([name, { response }]) => response !== 'text/event-stream' && name !== 'logout',
)

describe.each(cases)('%s', (_, endpoint: Endpoint) => {
  test.each(callers)('%s', async (caller) => {
    const id = ids[(endpoint.belongs ?? 'project') as keyof typeof ids] ?? ids.project
    const name = showsRun(endpoint) ? `${run}?stage=reward&kind=done` : 'no-such-run'
    const [start, end] = endpoint.path.replace('{id}', id).split('{name}')
    const [named, query = ''] = name.split('?')
    const path = end === undefined ? start! : `${start}${named}${end}?${query}`
    // an empty body passes the guard and fails the validation, so that nothing is changed
    const body = endpoint.body ? [] : undefined
    const { status } = await ask.get(caller)!(endpoint.method.toUpperCase(), path, body)
    const refused =
      [401, 403].includes(status) ||
      (status === 404 && (endpoint.belongs !== undefined || showsRun(endpoint)))
    expect([caller, status, refused]).toEqual([caller, status, !mayPass(endpoint, caller)])
  })
})

const streams = Object.entries(endpoints).filter(([, { response }]) => response === 'text/event-stream')

/** Opens a live stream and reads it until `enough` of its text has come, or for a while. */
async function listen(path: string, caller: Caller, enough: (text: string) => boolean = () => true) {
  const away = new AbortController()
  const headers = cookies.get(caller)!()
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers, signal: away.signal })
  let text = ''
  if (response.status === 200) {
    const late = setTimeout(() => away.abort(), 4000)
    try {
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
        text += piece
        if (enough(text)) break
      }
    } catch {
      // nothing more came
    }
    clearTimeout(late)
  }
  away.abort()
  return { status: response.status, type: response.headers.get('content-type') ?? '', text }
}

describe.each(streams)('live: %s', (_, endpoint: Endpoint) => {
  test.each(callers)('%s', async (caller) => {
    const { status, type } = await listen(endpoint.path.replace('{name}', run), caller)
    const may = mayPass(endpoint, caller)
    expect([caller, status === 200, type.startsWith('text/event-stream')]).toEqual([caller, may, may])
    if (!may) expect([401, 403, 404]).toContain(status)
  })
})

test('live events tell of the projects and runs that one sees, and of no other', async () => {
  const seen = new Map<Caller, string>()
  const watchers = callers.filter((caller) => mayPass(endpoints.events, caller))
  expect(watchers).toHaveLength(5)
  const own = (caller: Caller) => (caller.endsWith('another project') ? ids.other : ids.project)
  const listening = watchers.map(async (caller) => {
    const { text } = await listen('/api/events', caller, (text) => text.includes(own(caller)))
    seen.set(caller, text)
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (const id of [ids.project, ids.other]) server.services.events.publish({ type: 'project', id })
  server.services.events.publish({ type: 'run', name: run })
  await Promise.all(listening)
  for (const [caller, text] of seen) {
    const isOther = caller.endsWith('another project')
    expect([caller, text.includes(own(caller))]).toEqual([caller, true])
    if (caller !== 'admin') expect(text).not.toContain(isOther ? ids.project : ids.other)
    if (isOther) expect(text).not.toContain(run)
  }
})

test('lists of runs leave out those of projects that one does not see', async () => {
  const names = async (caller: Caller) => (await ask.get(caller)!('GET', '/api/runs')).text.includes(run)
  expect([await names('reviewer'), await names('admin'), await names('reviewer of another project')]).toEqual(
    [true, true, false],
  )
})

test('what is not in the table is not answered', async () => {
  for (const path of ['/api', '/api/secrets', '/api/projects/x/y/z', '/v1/embeddings', '/admin', '/.env'])
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
      expect((await ask.get('admin')!(method, path)).status).toBe(404)
})

test('a lower role cannot be raised by its own hand, and a disabled account is out at once', async () => {
  const mallory = await person(server, { name: 'mallory', role: 'annotator' })
  expect((await mallory.call('PATCH', `/api/people/${mallory.id}`, { role: 'admin' })).status).toBe(403)
  const admin = ask.get('admin')!
  expect((await admin('PATCH', `/api/people/${mallory.id}`, { disabled: true })).status).toBe(200)
  expect((await mallory.call('GET', '/api/projects')).status).toBe(401)
})

test('on a local server, whose session has ended is nobody before they are the machine’s own account', async () => {
  const local = await testServer()
  try {
    const grace = await person(local, { name: 'Grace', role: 'annotator' })
    const who = async () => (await grace.call('GET', '/api/session')).json as { account?: unknown }
    expect((await who()).account).toMatchObject({ name: 'Grace' })
    await local.services.sessions.endAll(grace.id)
    expect((await grace.call('GET', '/api/projects')).status).toBe(401)
    expect((await grace.call('POST', '/api/projects', { name: 'x' })).status).toBe(401)
    expect((await who()).account).toBeNull()
    expect((await who()).account).toMatchObject({ id: 'local' })
    expect((await grace.call('GET', '/api/projects')).status).toBe(200)
  } finally {
    await local.remove()
  }
})
