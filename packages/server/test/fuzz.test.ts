import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Document, fuzz } from './fuzz.ts'
import { browser, project, type TestServer, testServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  // programs of runs end at once: what is fuzzed is the server
  server = await testServer({ attune: [process.execPath, '-e', ''], log: (text) => console.error(text) })
})
afterAll(() => server.remove())

test('1,500 requests made from the OpenAPI description: never a 500, never an answer that is not described', async () => {
  const { call } = await browser(server)
  const { id } = await project(server)
  const claim = (await call('POST', `/api/projects/${id}/claim`, {})).json
  const document = (await call('GET', '/openapi.json')).json as unknown as Document
  const known = { ids: [id, claim.lease.id, 'item-0', 'sotu-4m', 'some-run', 'local'] }
  const statuses = await fuzz(call, { document, known, count: 1500, seed: 1 })
  expect([...statuses.values()].reduce((a, b) => a + b)).toBeGreaterThanOrEqual(1500)
  expect(statuses.get(200)! + statuses.get(201)!).toBeGreaterThan(200) // it gets past the door
}, 120_000)
