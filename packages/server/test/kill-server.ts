import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { browser } from './harness.ts'
import { annotate, standby, storedIds } from './storm.ts'

/** What a series of kills found. */
export interface ServerKillReport {
  readonly cycles: number
  readonly acknowledged: number
  /** Acknowledged and not there after a restart. */
  readonly lost: number
  /** Listed more than once, or more of them than were sent. */
  readonly doubled: number
  readonly seconds: number
}

const annotators = 4

/**
 * Starts a server, storms it with answers, kills it with SIGKILL in the middle and starts it again, `cycles` times; every
 * acknowledged answer must then be there once. What is there is read after each of at least fifty kills.
 */
export async function killServer({
  cycles,
  store,
}: {
  cycles: number
  store?: string
}): Promise<ServerKillReport> {
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'attune-kill-server-'))
  const acknowledged = new Map<string, string>()
  const lost = new Set<string>()
  let doubled = 0
  let running = await standby(folder, store)()
  const server = {
    get port() {
      return running.port
    },
  }
  const admin = await browser(server)
  const protocol = { kind: 'comparison', question: 'Which is better?', overlap: 3 }
  const { id } = (await admin.call('POST', '/api/projects', { name: 'Storm', protocol })).json
  for (let first = 0; first < cycles * 20; first += 5000) {
    const items = Array.from({ length: Math.min(5000, cycles * 20 - first) }, (_, i) => ({
      prompt: `P${first + i}`,
      completions: [{ text: 'a' }, { text: 'b' }],
    }))
    await admin.call('POST', `/api/projects/${id}/items`, { items })
  }
  const people = []
  for (let n = 0; n < annotators; n++) {
    await admin.call('POST', '/api/people', { name: `annotator ${n}`, role: 'annotator' })
    people.push(await browser(server, { name: `annotator ${n}` }))
  }
  const checkEvery = Math.max(1, Math.floor(cycles / 50))
  for (let cycle = 0; cycle < cycles; cycle++) {
    const start = standby(folder, store)
    const storm = people.map((one, n) => annotate(one, { project: id, name: `${cycle}-${n}`, acknowledged }))
    const enough = acknowledged.size + 8 + 3 * (cycle % 5)
    while (acknowledged.size < enough) await wait(2)
    await wait(Math.random() * 10)
    await running.kill()
    const ends = await Promise.all(storm)
    if (ends.some((end) => end !== 'gone')) throw new Error(`an annotator ended with ${ends}: too few items`)
    running = await start()
    if (cycle % checkEvery !== 0 && cycle < cycles - 1) continue
    const stored = await storedIds(admin, id)
    const distinct = new Set(stored)
    for (const one of acknowledged.values()) if (!distinct.has(one)) lost.add(one)
    // at most those that were on their way at each kill are there beside the acknowledged
    const surplus = distinct.size - acknowledged.size - annotators * (cycle + 1)
    doubled = Math.max(doubled, stored.length - distinct.size, surplus)
  }
  await running.kill()
  await rm(folder, { recursive: true, force: true })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  return { cycles, acknowledged: acknowledged.size, lost: lost.size, doubled, seconds }
}
