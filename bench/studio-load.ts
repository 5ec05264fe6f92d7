/**
 * Simulated annotators against a server in a process of its own: `studio-load.ts [annotators] [judgments] [store]`. Each
 * claims, answers and delivers every fifth answer twice, without a pause. Says the throughput, the latency of claim + judgment, and whether a
 * judgment was lost or doubled.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { browser } from '../packages/server/test/harness.ts'
import { annotate, serveProcess } from '../packages/server/test/storm.ts'

const [annotators = 100, wanted = 3000] = process.argv.slice(2, 4).map(Number)
const store = process.argv[4]
const folder = await mkdtemp(join(tmpdir(), 'attune-load-'))
const server = await serveProcess(folder, store)
const admin = await browser(server)
const overlap = 3
const protocol = { kind: 'comparison', question: 'Which is better?', overlap }
const { id } = (await admin.call('POST', '/api/projects', { name: `Load ${Date.now()}`, protocol })).json
const items = Array.from({ length: Math.ceil(wanted / overlap) }, (_, i) => ({
  prompt: `Prompt ${i}`,
  completions: [{ text: 'one' }, { text: 'two' }],
}))
await admin.call('POST', `/api/projects/${id}/items`, { items })
const people = []
for (let n = 0; n < annotators; n++) {
  const name = `annotator ${n} of ${id}`
  await admin.call('POST', '/api/people', { name, role: 'annotator' })
  people.push(await browser(server, { name }))
}

const acknowledged = new Map<string, string>()
const latencies: number[] = []
const began = performance.now()
await Promise.all(
  people.map((one, n) => annotate(one, { project: id, name: `load-${n}`, acknowledged, latencies })),
)
const seconds = (performance.now() - began) / 1000

const stored = new Map<string, number>()
for (let cursor: string | null = ''; cursor !== null; ) {
  const path = `/api/projects/${id}/judgments?limit=500${cursor ? `&cursor=${cursor}` : ''}`
  const page = (await admin.call('GET', path)).json as unknown as {
    items: { id: string }[]
    nextCursor: string | null
  }
  for (const judgment of page.items) stored.set(judgment.id, (stored.get(judgment.id) ?? 0) + 1)
  cursor = page.nextCursor
}
const lost = [...acknowledged.values()].filter((one) => !stored.has(one)).length
const doubled =
  [...stored.values()].filter((times) => times > 1).length + Math.max(0, stored.size - acknowledged.size)
latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))]!.toFixed(0)
console.log(
  `${annotators} annotators, ${acknowledged.size} judgments in ${seconds.toFixed(1)} s: ${(acknowledged.size / seconds).toFixed(0)} a second; claim + judgment p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ${lost} lost, ${doubled} doubled`,
)
await server.kill()
await rm(folder, { recursive: true, force: true })
