import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browser, guardedServer, password, person, project, type TestServer, testServer } from './harness.ts'

let open: TestServer
let guarded: TestServer
beforeAll(async () => {
  open = await testServer()
  guarded = await guardedServer()
})
afterAll(async () => {
  await open.remove()
  await guarded.remove()
})

/** A request as no browser or fetch would let us write it. */
function raw(
  { port }: TestServer,
  {
    method = 'GET',
    path,
    headers = {},
    body,
  }: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response
        .on('data', (part) => (text += part))
        .on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('CSRF', () => {
  const body = { name: 'evil', protocol: { kind: 'comparison' } }

  test("a change without the token, or with another session's, is refused", async () => {
    const victim = await browser(open)
    const other = await browser(open)
    const send = (headers: Record<string, string>) => victim.call('POST', '/api/projects', body, headers)
    expect((await send({ 'x-attune-csrf': '' })).status).toBe(403)
    expect((await send({ 'x-attune-csrf': other.headers()['x-attune-csrf']! })).status).toBe(403)
    expect((await send({})).status).toBe(201)
  })

  test('a form of another site, a text/plain body and a foreign Origin are refused even with the token', async () => {
    const { headers } = await browser(open)
    const send = (extra: Record<string, string>) =>
      raw(open, {
        method: 'POST',
        path: '/api/projects',
        headers: { ...headers(), 'content-type': 'application/json', ...extra },
        body: JSON.stringify(body),
      })
    expect((await send({ origin: 'http://evil.test' })).status).toBe(403)
    expect((await send({ origin: 'null' })).status).toBe(403)
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect(
      (await send({ origin: `http://127.0.0.1:${open.port}`, host: `127.0.0.1:${open.port}` })).status,
    ).toBe(201)
  })

  test('the cookie is for this site alone and not for scripts', async () => {
    const { headers } = await raw(open, { path: '/api/session' })
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
  })
})

describe('DNS rebinding', () => {
  test.each(['evil.test', 'evil.test:80', '127.0.0.1.evil.test', 'localhost.evil.test', '[::1].evil.test'])(
    'the name %j is not answered',
    async (host) => {
      for (const path of ['/api/session', '/v1/models', '/openapi.json', '/'])
        expect((await raw(open, { path, headers: { host } })).status).toBe(host.startsWith('[') ? 400 : 421)
    },
  )

  test('the own names are', async () => {
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:4321'])
      expect((await raw(open, { path: '/api/session', headers: { host } })).status).toBe(200)
    expect((await raw(guarded, { path: '/api/session', headers: { host: 'studio.test' } })).status).toBe(200)
  })
})

describe('IDOR', () => {
  test("another project's items, judgments, leases and exports are not there", async () => {
    const [mine, theirs] = [await project(guarded), await project(guarded)]
    const owner = await person(guarded, { name: 'owner', role: 'annotator', projects: [theirs.id] })
    const spy = await person(guarded, { name: 'spy', role: 'reviewer', projects: [mine.id] })
    const claim = (await owner.call('POST', `/api/projects/${theirs.id}/claim`, {})).json
    const made = await owner.call('POST', `/api/projects/${theirs.id}/judgments`, {
      key: 'owners-answer',
      lease: claim.lease.id,
      item: claim.item.id,
      judgment: { kind: 'comparison', preferred: 0 },
    })
    const next = (await owner.call('POST', `/api/projects/${theirs.id}/claim`, {})).json
    for (const part of ['', '/items', '/progress', '/agreement', '/judgments', '/export?format=jsonl'])
      expect((await spy.call('GET', `/api/projects/${theirs.id}${part}`)).status).toBe(404)
    for (const act of ['extend', 'release', 'draft', 'skip'])
      expect(
        (await spy.call('POST', `/api/leases/${next.lease.id}/${act}`, act === 'draft' ? { draft: 1 } : {}))
          .status,
      ).toBe(404)
    expect((await spy.call('POST', `/api/judgments/${made.json.judgment.id}/retract`, {})).status).toBe(404)
    // a lease of theirs with a project of mine
    const crossed = await spy.call('POST', `/api/projects/${mine.id}/judgments`, {
      key: 'crossed-lease',
      lease: next.lease.id,
      item: 'item-0',
      judgment: { kind: 'comparison', preferred: 0 },
    })
    expect(crossed.status).toBe(404)
    expect((await spy.call('GET', '/api/projects')).json.items.map(({ id }) => id)).toEqual([mine.id])
  })

  test('an annotator answers what was handed to them, also late, and nothing else', async () => {
    const { id } = await project(guarded, { items: 2, overlap: 1 })
    const [{ call }, other] = [
      await person(guarded, { name: 'picks', role: 'annotator' }),
      await person(guarded, { name: 'waits', role: 'annotator' }),
    ]
    const { lease, item } = (await call('POST', `/api/projects/${id}/claim`, {})).json
    await call('POST', `/api/leases/${lease.id}/release`)
    const send = (who: typeof call, body: object) =>
      who('POST', `/api/projects/${id}/judgments`, {
        judgment: { kind: 'comparison', preferred: 0 },
        ...body,
      })
    const another = item.id === 'item-0' ? 'item-1' : 'item-0'
    const made = '0190a1b2-0000-7000-8000-000000000000'
    expect((await send(call, { key: 'made-up-lease', lease: made, item: another })).status).toBe(403)
    expect((await send(call, { key: 'ended-lease-1', lease: lease.id, item: another })).status).toBe(400)
    const stolen = { key: 'ended-lease-2', lease: lease.id, item: item.id }
    expect((await send(other.call, stolen)).status).toBe(404)
    expect((await send(call, { key: 'ended-lease-3', lease: lease.id })).json).toMatchObject({
      judgment: { item: item.id },
      extra: false,
    })
  })

  test('a live stream ends with the rights that it began with', async () => {
    const { id } = await project(guarded)
    const leaving = await person(guarded, { name: 'leaving', role: 'reviewer', projects: [id] })
    const headers = { ...leaving.headers(), accept: 'text/event-stream' }
    const stream = await fetch(`http://127.0.0.1:${guarded.port}/api/events`, { headers })
    expect(stream.status).toBe(200)
    const ended = stream.text() // resolves at the stream's end alone
    await guarded.services.accounts.update(leaving.id, { projects: [] })
    expect(await ended).toContain('retry:')
  }, 60_000)

  test("an annotator sees no other annotator's answers", async () => {
    const { id } = await project(guarded)
    const [a, b] = [
      await person(guarded, { name: 'a', role: 'annotator' }),
      await person(guarded, { name: 'b', role: 'annotator' }),
    ]
    const claim = (await a.call('POST', `/api/projects/${id}/claim`, {})).json
    await a.call('POST', `/api/projects/${id}/judgments`, {
      key: 'answer-of-a',
      lease: claim.lease.id,
      item: claim.item.id,
      judgment: { kind: 'comparison', preferred: 0 },
    })
    expect((await b.call('GET', `/api/projects/${id}/judgments?annotator=${a.id}`)).json.items).toEqual([])
  })
})

describe('path traversal', () => {
  test('no encoding of a path reaches a file', async () => {
    const { headers } = await browser(open)
    const step = fc.constantFrom(
      '..',
      '%2e%2e',
      '%252e%252e',
      '..%00',
      '.%2e',
      '..;',
      '....',
      'etc',
      'passwd',
      'package.json',
      'attune.sqlite',
      '~',
      '%c0%ae',
    )
    const slash = fc.constantFrom('/', '%2f', '%5c', '\\', '%252f', '//', '/./')
    const place = fc.constantFrom(
      '/',
      '/api/runs/',
      '/api/projects/',
      '/assets/',
      '/api/runs/x/metrics?stage=',
      '/api/projects/x/export?format=',
    )
    const path = fc.tuple(place, fc.array(fc.tuple(step, slash), { minLength: 1, maxLength: 5 }), step)
    await fc.assert(
      fc.asyncProperty(path, async ([start, steps, last]) => {
        const { status, text } = await raw(open, {
          path: `${start}${steps.flat().join('')}${last}`,
          headers: headers(),
        })
        expect([400, 403, 404]).toContain(status)
        expect(text).not.toMatch(/root:|SQLite format|"workspaces"/)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    'stages: [{ name: a, stage: sft, model: ../../etc, data: recipes/quickstart/train.jsonl }]',
    'stages: [{ name: a, stage: sft, model: models/sotu-4m, data: /etc/passwd }]',
    'stages: [{ name: a, stage: grpo, model: models/sotu-4m, rewards: [{ kind: function, file: evil.ts }] }]',
    'stages: [{ name: a, stage: sft, model: models/sotu-4m, data: [{ path: "stage:../x" }] }]',
    'stages: &a [*a, *a]',
    'stages: 3',
    '{',
  ])('a recipe names only what is known: %s', async (recipe) => {
    const { call } = await browser(open)
    const { status, text } = await call('POST', '/api/runs', { name: 'evil', recipe, overrides: [] })
    expect([status, text]).toEqual([400, expect.stringContaining('invalid')])
  })

  test('an override sets numbers and words, never paths', async () => {
    const { call } = await browser(open)
    const recipe =
      'stages: [{ name: a, stage: sft, model: models/sotu-4m, data: recipes/quickstart/train.jsonl }]'
    for (const override of [
      'stages.a.model=/etc',
      'stages.a.data=../x.jsonl',
      'stages.a.data=x/y',
      '--runs=/tmp',
    ])
      expect((await call('POST', '/api/runs', { name: 'evil', recipe, overrides: [override] })).status).toBe(
        400,
      )
  })
})

describe('stored XSS', () => {
  const payloads = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert('1')",
    '<svg/onload=alert(1)>',
    '\u2028</script>',
    '{{constructor.constructor("alert(1)")()}}',
  ]

  test('what people write comes back as JSON or as a file to keep, never as a page', async () => {
    const { call } = await browser(open)
    const made = (
      await call('POST', '/api/projects', {
        name: payloads[0],
        description: payloads[1],
        protocol: { kind: 'comparison', question: payloads[2], guidelines: payloads.join('\n') },
      })
    ).json
    const items = payloads.map((text) => ({ prompt: text, completions: [{ text }, { text: `${text}!` }] }))
    await call('POST', `/api/projects/${made.id}/items`, { items })
    const answers = [
      await call('GET', `/api/projects/${made.id}`),
      await call('GET', `/api/projects/${made.id}/items`),
      await call('POST', `/api/projects/${made.id}/claim`, {}),
      await call('GET', `/api/projects/${made.id}/export?format=csv`),
      await call('GET', `/api/projects/${encodeURIComponent(payloads[0]!)}`),
      await call('GET', `/${payloads[0]}`),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-type')).toMatch(/^(application\/json|text\/csv)/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/)
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/)
    }
    expect(answers[3]!.headers.get('content-disposition')).toMatch(/^attachment/)
  })
})

describe('oversized bodies', () => {
  test('are refused by their announced length, and by what comes when none is announced', async () => {
    const { headers } = await browser(open)
    const big = `{"name":"${'x'.repeat(2 * 2 ** 20)}","protocol":{"kind":"comparison"}}`
    const common = { ...headers(), 'content-type': 'application/json' }
    const announced = await raw(open, {
      method: 'POST',
      path: '/api/projects',
      headers: { ...common, 'content-length': String(2 ** 40) },
    })
    expect(announced.status).toBe(413)
    const chunked = await raw(open, {
      method: 'POST',
      path: '/api/projects',
      headers: { ...common, 'transfer-encoding': 'chunked' },
      body: big,
    }).catch((cause: NodeJS.ErrnoException) => ({ status: cause.code }))
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(chunked.status) // told, or cut off while it sends
    expect((await open.services.store.projects.list()).some(({ name }) => name.startsWith('xxx'))).toBe(false)
    expect((await raw(open, { path: '/api/session' })).status).toBe(200)
  })

  test('deep nesting and prototype keys do no harm', async () => {
    const { call } = await browser(open)
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect((await call('POST', '/api/projects', deep)).status).toBe(400)
    const polluted =
      '{"__proto__":{"role":"admin"},"constructor":{"prototype":{"x":1}},"name":"p","protocol":{"kind":"comparison"}}'
    expect((await call('POST', '/api/projects', polluted)).status).toBeLessThan(500)
    expect(({} as { role?: string }).role).toBeUndefined()
  })
})

describe('brute force', () => {
  test('after five wrong passwords even the right one waits; names that are not there look the same', async () => {
    await guarded.services.accounts.create({ name: 'target', role: 'annotator', projects: 'all', password })
    const { call } = await browser(guarded)
    const attempt = (name: string, secret: string) => call('POST', '/api/login', { name, password: secret })
    const wrong = await attempt('target', 'wrong password')
    const nobody = await attempt('nobody here', 'wrong password')
    expect([wrong.status, wrong.json.error.code]).toEqual([nobody.status, nobody.json.error.code])
    const many = await Promise.all(Array.from({ length: 10 }, (_, i) => attempt('target', `wrong ${i}`)))
    expect(many.filter(({ status }) => status === 401)).toHaveLength(4)
    const right = await attempt('target', password)
    expect(right.status).toBe(429)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
    const { items } = (await (await browser(guarded, { name: 'root', password })).call('GET', '/api/audit'))
      .json
    expect(JSON.stringify(items)).toContain('login failed')
    expect(JSON.stringify(items)).not.toContain(password)
  })

  test('a whole office may log in behind one address: right passwords are not counted', async () => {
    for (let n = 0; n < 35; n++) {
      const { call } = await browser(guarded)
      expect((await call('POST', '/api/login', { name: 'root', password })).status).toBe(200)
    }
  })

  test('passwords and tokens are not kept as they are, and the session changes at login', async () => {
    const before = await browser(guarded)
    const fixed = before.headers().cookie
    await before.call('POST', '/api/login', { name: 'root', password })
    expect(before.headers().cookie).not.toBe(fixed)
    const { database } = guarded.services
    const rows = JSON.stringify([
      await database.selectFrom('server_accounts').selectAll().execute(),
      await database.selectFrom('server_sessions').selectAll().execute(),
    ])
    expect(rows).toContain('$argon2id$')
    expect(rows).not.toContain(password)
    expect(rows).not.toContain(before.headers().cookie!.split('=')[1]!)
  })

  test('too many requests are asked to wait', async () => {
    const slow = await testServer({ rate: { count: 5, seconds: 60 } })
    const { call } = await browser(slow)
    const all = await Promise.all(Array.from({ length: 10 }, () => call('GET', '/api/session')))
    expect(all.filter(({ status }) => status === 429)).toHaveLength(6)
    await slow.remove()
  })
})

describe('the audit log', () => {
  test('says who changed what, and cannot be changed', async () => {
    const root = await browser(guarded, { name: 'root', password })
    const made = (
      await root.call('POST', '/api/projects', { name: 'logged', protocol: { kind: 'comparison' } })
    ).json
    await root.call('PATCH', `/api/projects/${made.id}`, { archived: true })
    const { items } = (await root.call('GET', '/api/audit')).json
    expect(items[0]).toMatchObject({ action: 'PATCH /api/projects/{id}', subject: made.id, detail: '200' })
    const { database } = guarded.services
    await expect(database.deleteFrom('server_audit').execute()).rejects.toThrow(/append-only/)
    await expect(database.updateTable('server_audit').set({ action: 'nothing' }).execute()).rejects.toThrow(
      /append-only/,
    )
  })
})

test('beyond this machine the server does not start without an admin', async () => {
  await expect(testServer({ host: '0.0.0.0' })).rejects.toThrow(/ATTUNE_ADMIN_PASSWORD/)
  await expect(testServer({ origin: 'https://studio.test' })).rejects.toThrow(/no admin/)
  const server = await guardedServer({ host: '0.0.0.0', origin: undefined })
  expect((await raw(server, { path: '/api/projects' })).status).toBe(401)
  await server.remove()
})
