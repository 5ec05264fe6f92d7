import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '../src/api/api.ts'
import { type Endpoint, roles } from '../src/api/endpoint.ts'
import { type Browser, browser, guardedServer, person, project, type TestServer } from './harness.ts'

/** Who asks in the matrix. */
const callers = [
  'nobody',
  'annotator',
  'reviewer',
  'admin',
  'annotator of another project',
  'key of feedback',
] as const
type Caller = (typeof callers)[number]

let server: TestServer
const ask = new Map<Caller, Browser['call']>()
let ids: { project: string; lease: string; judgment: string }

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
  ids = { project: mine.id, lease: claim!.lease.id, judgment: judgment.id }
  const key = await server.services.keys.create({ name: 'k', scopes: ['feedback'], project: other.id })
  for (const caller of callers) {
    const role = roles.find((role) => caller.startsWith(role))
    if (role) {
      const projects = caller.endsWith('another project') ? [other.id] : [mine.id]
      ask.set(caller, (await person(server, { name: caller, role, projects })).call)
      continue
    }
    const { call } = await browser(server)
    const headers = { authorization: `Bearer ${key.secret}` }
    ask.set(caller, caller === 'nobody' ? call : (method, path, body) => call(method, path, body, headers))
  }
})
afterAll(() => server.remove())

/** What the table of routes says: may this caller pass the guard? */
function mayPass({ access, belongs }: Endpoint, caller: Caller): boolean {
  if ('anyone' in access) return true
  if (caller === 'nobody') return false
  if (caller === 'key of feedback') return 'scope' in access && access.scope === 'feedback'
  if (!access.role) return false
  const role = roles.findIndex((role) => caller.startsWith(role))
  if (role < roles.indexOf(access.role)) return false
  if (belongs === 'project') return !caller.endsWith('another project')
  return belongs !== 'lease' && belongs !== 'judgment' // these are the owner's alone
}

const cases = Object.entries(endpoints).filter(
  ([name, { response }]) => response !== 'text/event-stream' && name !== 'logout',
)

describe.each(cases)('%s', (_, endpoint: Endpoint) => {
  test.each(callers)('%s', async (caller) => {
    const id = ids[(endpoint.belongs ?? 'project') as keyof typeof ids] ?? ids.project
    const path = endpoint.path.replace('{id}', id).replace('{name}', 'no-such-run')
    // an empty body passes the guard and fails the validation, so that nothing is changed
    const body = endpoint.body ? [] : undefined
    const { status } = await ask.get(caller)!(endpoint.method.toUpperCase(), path, body)
    const refused = [401, 403].includes(status) || (status === 404 && endpoint.belongs !== undefined)
    expect([caller, status, refused]).toEqual([caller, status, !mayPass(endpoint, caller)])
  })
})

test('live streams ask for an account too', async () => {
  for (const path of ['/api/events', '/api/runs/some-run/events'])
    expect((await ask.get('nobody')!('GET', path)).status).toBe(401)
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
