import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresBinaries, startPostgres } from '../../packages/feedback/test/postgres-server.ts'
import { browser } from '../../packages/server/test/harness.ts'
import { annotate, serveProcess, storedIds } from '../../packages/server/test/storm.ts'

/** How a load is made. */
export interface Load {
  readonly store: 'sqlite' | 'postgres'
  readonly annotators: number
  /** Judgments wanted of all together. */
  readonly judgments: number
  /** Mean seconds that each annotator thinks before a claim; 0 asks as fast as the answers come. */
  readonly pause: number
}

/** What came of it; latencies are milliseconds of a claim and its judgment together. */
export interface LoadReport extends Load {
  readonly acknowledged: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly lost: number
  readonly doubled: number
}

const overlap = 3

/**
 * Simulated annotators against a server in a process of its own, which keeps a journal on both stores. Each claims, answers and
 * delivers every fifth answer twice; an answer that is not a success ends the load with an error.
 */
export async function studioLoad(load: Load): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-load-'))
  const binaries = postgresBinaries()
  if (load.store === 'postgres' && !binaries) throw new Error('PostgreSQL is not installed')
  const postgres = load.store === 'postgres' ? await startPostgres(binaries!) : undefined
  try {
    const server = await serveProcess(folder, await postgres?.database())
    return await measure(server, load).finally(server.kill)
  } finally {
    await postgres?.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(server: { readonly port: number }, load: Load): Promise<LoadReport> {
  const { annotators, judgments, pause } = load
  const admin = await browser(server)
  const protocol = { kind: 'comparison', question: 'Which is better?', overlap }
  const { id } = (await admin.call('POST', '/api/projects', { name: 'Load', protocol })).json
  const items = Array.from({ length: Math.ceil(judgments / overlap) }, (_, i) => ({
    prompt: `Prompt ${i}`,
    completions: [{ text: 'one' }, { text: 'two' }],
  }))
  await admin.call('POST', `/api/projects/${id}/items`, { items })
  const people = []
  for (let n = 0; n < annotators; n++) {
    await admin.call('POST', '/api/people', { name: `annotator ${n}`, role: 'annotator' })
    people.push(await browser(server, { name: `annotator ${n}` }))
  }
  const acknowledged = new Map<string, string>()
  const latencies: number[] = []
  const began = performance.now()
  await Promise.all(
    people.map((one, n) => annotate(one, { project: id, name: `load-${n}`, acknowledged, latencies, pause })),
  )
  const seconds = (performance.now() - began) / 1000
  const stored = await storedIds(admin, id)
  const distinct = new Set(stored)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))]!
  return {
    ...load,
    acknowledged: acknowledged.size,
    seconds,
    perSecond: acknowledged.size / seconds,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    lost: [...acknowledged.values()].filter((one) => !distinct.has(one)).length,
    doubled: stored.length - distinct.size + Math.max(0, distinct.size - acknowledged.size),
  }
}
