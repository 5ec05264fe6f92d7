/** Fuzzes the API against its own OpenAPI description: `fuzz-api.ts [count] [seed]`, 10,000 requests by default. */

import { type Document, fuzz } from '../packages/server/test/fuzz.ts'
import { browser, project, testServer } from '../packages/server/test/harness.ts'

const [count = 10_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number)
const server = await testServer({ attune: [process.execPath, '-e', ''] })
try {
  const { call } = await browser(server)
  const { id } = await project(server)
  const { lease } = (await call('POST', `/api/projects/${id}/claim`, {})).json
  const document = (await call('GET', '/openapi.json')).json as unknown as Document
  const known = { ids: [id, lease.id, 'item-0', 'sotu-4m', 'some-run', 'local'] }
  const began = performance.now()
  const statuses = await fuzz(call, { document, known, count, seed })
  const seconds = (performance.now() - began) / 1000
  const list = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`)
  console.log(`${count} requests, seed ${seed}, ${seconds.toFixed(0)} s, no 500. ${list.join(', ')}`)
} finally {
  await server.remove()
}
