import { afterAll, beforeAll, expect, test } from 'vitest'
import { browser, pairs, person, project, type TestServer, testServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.remove())

test('a project is made, filled, labelled by two people, measured and exported', async () => {
  const admin = await browser(server)
  const made = await admin.call('POST', '/api/projects', { name: 'Hope', protocol: pairs })
  expect(made.status).toBe(201)
  const { id } = made.json
  const items = [0, 1, 2, 3].map((i) => ({
    prompt: `P${i}`,
    completions: [{ text: `a${i}`, model: 'secret' }, { text: `b${i}` }],
  }))
  expect(await admin.call('GET', `/api/projects/${id}/items?cursor=abc`)).toMatchObject({
    status: 400,
    json: { error: { field: 'query.cursor' } },
  })
  expect((await admin.call('POST', `/api/projects/${id}/items`, { items })).json).toEqual({
    added: 4,
    existing: 0,
  })
  expect((await admin.call('POST', `/api/projects/${id}/items`, { items })).json).toEqual({
    added: 0,
    existing: 4,
  })
  const people = [
    await person(server, { name: 'Ada', role: 'annotator' }),
    await person(server, { name: 'Ben', role: 'annotator' }),
  ]
  for (const [who, { call }] of people.entries()) {
    for (let n = 0; n < 4; n++) {
      const claim = (await call('POST', `/api/projects/${id}/claim`, {})).json
      expect(JSON.stringify(claim)).not.toContain('secret')
      const preferred = claim.item.prompt === 'P3' && who === 1 ? 1 : 0
      const body = {
        key: `${who}-answer-${n}`,
        lease: claim.lease.id,
        judgment: { kind: 'comparison', preferred },
        durationSeconds: 3,
      }
      const first = await call('POST', `/api/projects/${id}/judgments`, body)
      expect([first.status, first.json]).toMatchObject([201, { duplicate: false, extra: false }])
      const again = await call('POST', `/api/projects/${id}/judgments`, { ...body, item: claim.item.id })
      if (again.status === 201) expect(again.json).toMatchObject({ duplicate: true })
    }
    expect((await call('POST', `/api/projects/${id}/claim`, {})).json).toMatchObject({ empty: true })
  }
  const { json: agreement } = await admin.call('GET', `/api/projects/${id}/agreement`)
  // three of four items agree; κ: p_o = 3/4, p_e = 1·3/4 + 0·1/4
  expect(agreement).toMatchObject({
    raw: 0.75,
    kappa: { name: 'cohen', value: 0 },
    disagreements: [{ entropy: 1, item: { prompt: 'P3' } }],
  })
  const { text, headers } = await admin.call('GET', `/api/projects/${id}/export?format=trl-preference`)
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\w-]+\.jsonl"$/)
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toHaveLength(8)
  expect(rows.filter(({ prompt }) => prompt === 'P0')).toEqual(
    Array(2).fill({ prompt: 'P0', chosen: 'a0', rejected: 'b0' }),
  )
})

test('an answer is of the protocol that it was asked under; one that is delivered again is not measured by a later one', async () => {
  const admin = await browser(server)
  const rating = { kind: 'rating', question: 'How good?', scales: [{ name: 'quality', low: 1, high: 5 }] }
  const { id } = (await admin.call('POST', '/api/projects', { name: 'Scales', protocol: rating })).json
  const items = ['a', 'b'].map((text) => ({ prompt: 'P', completions: [{ text }] }))
  await admin.call('POST', `/api/projects/${id}/items`, { items })
  const { call } = await person(server, { name: 'Eli', role: 'annotator' })
  const { lease } = (await call('POST', `/api/projects/${id}/claim`, {})).json
  const first = await server.services.store.projects.get(id)
  const body = {
    key: 'asked-before-the-change',
    lease: lease.id,
    judgment: { kind: 'rating', ratings: [{ scale: 'quality', value: 5 }] },
  }
  const change = (high: number) =>
    admin.call('PATCH', `/api/projects/${id}`, {
      protocol: { ...rating, version: `to ${high}`, scales: [{ name: 'quality', low: 1, high }] },
    })
  await change(7)
  const sent = await call('POST', `/api/projects/${id}/judgments`, body)
  expect(sent.json.judgment).toMatchObject({ protocol: first!.protocol.version })
  expect((await server.services.store.projects.get(id))!.protocol.version).not.toBe(first!.protocol.version)
  await change(3)
  const again = await call('POST', `/api/projects/${id}/judgments`, body)
  expect([again.status, again.json]).toEqual([201, { ...sent.json, duplicate: true }])
})

test('undo brings the item back with the old answer as draft; skip gives it to others', async () => {
  const { id } = await project(server, { items: 2, overlap: 1 })
  const { call } = await person(server, { name: 'Cem', role: 'annotator' })
  const claim = (await call('POST', `/api/projects/${id}/claim`, {})).json
  expect(
    (await call('POST', `/api/leases/${claim.lease.id}/draft`, { draft: { text: 'half' } })).status,
  ).toBe(200)
  const sent = await call('POST', `/api/projects/${id}/judgments`, {
    key: 'undo-me-please',
    lease: claim.lease.id,
    judgment: { kind: 'comparison', preferred: 1, strength: 2 },
  })
  const judgment = sent.json.judgment
  const undone = (await call('POST', `/api/judgments/${judgment.id}/retract`, {})).json
  expect(undone.claim.item.id).toBe(claim.item.id)
  expect(undone.claim.draft).toMatchObject({ kind: 'comparison', preferred: 1, strength: 2 })
  const longer = (await call('POST', `/api/leases/${undone.claim.lease.id}/extend`, {})).json
  expect(longer).toMatchObject({ id: undone.claim.lease.id, draft: { preferred: 1 } })
  expect(
    (await call('POST', `/api/leases/${undone.claim.lease.id}/skip`, { reason: 'unclear' })).status,
  ).toBe(200)
  expect((await call('GET', `/api/projects/${id}/progress`)).json).toMatchObject({ done: 0, skipped: 1 })
})

test('a reviewer’s decision replaces their own answers to the item, and is of no agreement', async () => {
  const { id } = await project(server, { items: 1, overlap: 2 })
  const people = await Promise.all(
    ['Eve', 'Fay'].map((name) => person(server, { name, role: name === 'Eve' ? 'annotator' : 'reviewer' })),
  )
  for (const [preferred, { call }] of people.entries()) {
    const { lease } = (await call('POST', `/api/projects/${id}/claim`, {})).json
    const judgment = { kind: 'comparison', preferred }
    await call('POST', `/api/projects/${id}/judgments`, {
      key: `answer-${preferred}`,
      lease: lease.id,
      judgment,
    })
  }
  const decide = (who: number, key: string, preferred: number) =>
    people[who]!.call('POST', `/api/projects/${id}/judgments`, {
      key,
      item: 'item-0',
      decision: true,
      judgment: { kind: 'comparison', preferred },
    })
  expect((await decide(0, 'decision-0', 0)).status).toBe(403)
  expect((await decide(1, 'decision-1', 0)).status).toBe(201)
  expect((await decide(1, 'decision-1', 0)).json).toMatchObject({ duplicate: true })
  expect((await decide(1, 'decision-2', 1)).status).toBe(201)
  const { items } = (await people[1]!.call('GET', `/api/projects/${id}/judgments`)).json
  expect(items).toMatchObject([{ preferred: 0 }, { preferred: 1, metadata: { decision: true } }])
  expect((await people[1]!.call('GET', `/api/projects/${id}/agreement`)).json).toMatchObject({
    annotators: [{ id: people[0]!.id }],
    disagreements: [],
  })
})

test.each([
  [{ kind: 'rating', ratings: [{ scale: 'x', value: 1 }] }, 'body.judgment.kind'],
  [{ kind: 'comparison', preferred: 2 }, 'body.judgment.preferred'],
  [{ kind: 'comparison', preferred: 0, strength: 9 }, 'body.judgment.strength'],
  [{ kind: 'comparison', preferred: 0, evil: true }, 'body.judgment'],
])('an answer that does not fit is refused with its field: %j', async (judgment, field) => {
  const { id } = await project(server, { items: 1 })
  const admin = await browser(server)
  const { status, json } = await admin.call('POST', `/api/projects/${id}/judgments`, {
    key: 'does-not-fit',
    item: 'item-0',
    judgment,
  })
  expect([status, json]).toMatchObject([400, { error: { code: 'invalid', field } }])
})

test.each([[[]], [[0]], [[0, 0]], [[1, 2]], [[0, 1, 2]]])(
  'an order shown that is not of the item’s completions is refused: %j',
  async (shown) => {
    const { id } = await project(server, { items: 1 })
    const { call } = await browser(server)
    const judgment = { kind: 'comparison', preferred: 0 }
    const body = { key: 'shown-wrongly', item: 'item-0', judgment, shown }
    expect(await call('POST', `/api/projects/${id}/judgments`, body)).toMatchObject({
      status: 400,
      json: { error: { field: 'body.shown' } },
    })
  },
)

test('two tabs of one person: the second gets the same item back, unless the first says it holds it; both answers count once', async () => {
  const { id } = await project(server, { items: 2, overlap: 1 })
  const { call } = await person(server, { name: 'Dia', role: 'annotator' })
  const claim = async (held: string[]) => (await call('POST', `/api/projects/${id}/claim`, { held })).json
  const first = await claim([])
  const second = await claim([])
  expect(second.item.id).toBe(first.item.id)
  const other = await claim([second.lease.id])
  expect(other.item.id).not.toBe(first.item.id)
  const send = (key: string) =>
    call('POST', `/api/projects/${id}/judgments`, {
      key,
      lease: second.lease.id,
      item: first.item.id,
      judgment: { kind: 'comparison', preferred: 0 },
    })
  const [a, b] = await Promise.all([send('tab-one-and-two'), send('tab-one-and-two')])
  expect([a.status, b.status]).toEqual([201, 201])
  expect((await call('GET', `/api/projects/${id}/judgments`)).json).toMatchObject({
    items: [{ item: first.item.id }],
  })
})

test('thumbs of an app: a key writes to its project, once for each idempotency key', async () => {
  const { id } = await project(server, { items: 0 })
  const admin = await browser(server)
  const { json: key } = await admin.call('POST', '/api/keys', {
    name: 'app',
    scopes: ['feedback'],
    project: id,
  })
  const send = (secret: string, idempotency: string) =>
    fetch(`${server.url}/v1/feedback`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'idempotency-key': idempotency,
      },
      body: JSON.stringify({ prompt: 'Hi', completion: 'Hello', desirable: true, user: 'u-1' }),
    })
  const secret = key.secret
  const first = (await (await send(secret, 'thumb-0001')).json()) as object
  expect(await (await send(secret, 'thumb-0001')).json()).toEqual({ ...first, duplicate: true })
  expect((await send(`${secret}x`, 'thumb-0002')).status).toBe(401)
  const { json } = await admin.call('GET', `/api/projects/${id}/judgments`)
  expect(json).toMatchObject({
    items: [{ kind: 'binary', desirable: true, annotator: { source: 'person' } }],
  })
  await admin.call('DELETE', `/api/keys/${key.id}`)
  expect((await send(secret, 'thumb-0003')).status).toBe(401)
  const stored = await server.services.database.selectFrom('server_keys').selectAll().execute()
  expect(JSON.stringify(stored)).not.toContain(secret.slice(40))
})

test('rows of a file become items; a row that cannot is told by its number', async () => {
  const { id } = await project(server, { items: 0 })
  const admin = await browser(server)
  const text =
    '{"prompt":"p","chosen":"c","rejected":"r"}\nnot json\n{"completion":"x"}\n{"prompt":[{"role":"user","content":"q"}],"completions":["a","b"]}\n{"prompt":"p","completion":"a"}\n'
  const { json } = await admin.call('POST', `/api/projects/${id}/import`, { format: 'jsonl', text })
  expect(json).toMatchObject({ items: 2, judgments: 0, problems: [{ row: 2 }, { row: 3 }, { row: 5 }] })
})

test('what nobody could answer is refused with its field: items of another size, a rating without scales', async () => {
  const { id } = await project(server, { items: 0 })
  const admin = await browser(server)
  const items = [['a', 'b'], ['a']].map((texts) => ({
    prompt: 'p',
    completions: texts.map((text) => ({ text })),
  }))
  const refused = [
    await admin.call('POST', `/api/projects/${id}/items`, { items }),
    await admin.call('POST', '/api/projects', { name: 'P', protocol: { kind: 'rating', scales: [] } }),
    await admin.call('PATCH', `/api/projects/${id}`, { protocol: { kind: 'rule-check', version: '2' } }),
  ]
  expect(refused).toMatchObject(
    ['body.items.1', 'body.protocol.scales', 'body.protocol.rules'].map((field) => ({
      status: 400,
      json: { error: { field } },
    })),
  )
  expect((await admin.call('GET', `/api/projects/${id}/items`)).json.items).toEqual([])
})

test('where people are asked about one text, the two of a row are two items', async () => {
  const admin = await browser(server)
  const thumbs = { kind: 'binary', question: 'Good?' }
  const { json: made } = await admin.call('POST', '/api/projects', { name: 'Thumbs', protocol: thumbs })
  const text = '{"id":"row","prompt":"p","chosen":"c","rejected":"r"}\n'
  const send = () => admin.call('POST', `/api/projects/${made.id}/import`, { format: 'jsonl', text })
  expect((await send()).json).toMatchObject({ items: 2, problems: [] })
  expect((await send()).json).toMatchObject({ items: 0 })
  expect((await admin.call('GET', `/api/projects/${made.id}/items`)).json).toMatchObject({
    items: [
      { item: { id: 'row-1', completions: [{ text: 'c' }] } },
      { item: { id: 'row-2', completions: [{ text: 'r' }] } },
    ],
  })
})
