/**
 * Exports a million comparisons in each streamed format and prints the most memory that the process ever held.
 *   usage: node --conditions=source --import tsx bench/export-memory.ts [rows]
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Comparison, csvLines, eventLines, trlPreference } from '@attune/feedback'
import { openStore, parquetChunks } from '@attune/feedback/store'

const rows = Number(process.argv[2] ?? 1_000_000)
const annotator = { id: 'ann', source: 'person' } as const
const time = '2026-01-01T00:00:00.000Z'
const store = await openStore(`sqlite:${join(mkdtempSync(join(tmpdir(), 'attune-export-')), 'a.db')}`, {
  exclusive: false,
})
await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison', overlap: 1000 } })
await store.addItems('p', [{ id: 'i', prompt: 'q', completions: [{ text: 'x' }, { text: 'y' }] }])
await store.restore(
  (function* () {
    for (let i = 0; i < rows; i++) {
      const judgment: Comparison & { id: string; project: string } = {
        kind: 'comparison',
        id: `j${i}`,
        project: 'p',
        item: 'i',
        annotator,
        time,
        protocol: '1',
        prompt: `What is ${i} plus ${i}?`,
        completions: [`It is ${2 * i}, as anyone can see.`, 'I do not know.'],
        preferred: 0,
      }
      yield { type: 'judgment' as const, judgment, key: `k${i}`, extra: true }
    }
  })(),
)
const peak = () => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`
console.log(`${rows} comparisons are in the store; most memory so far ${peak()}`)
for (const [name, write] of Object.entries({
  'trl-preference': () => eventLines(trlPreference(store.judgments('p'))),
  csv: () => csvLines(store.judgments('p')),
  parquet: () => parquetChunks(store.judgments('p')),
})) {
  const start = performance.now()
  let bytes = 0
  for await (const piece of write()) bytes += piece.length
  const seconds = (performance.now() - start) / 1000
  console.log(`${name}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, most memory ${peak()}`)
}
await store.close()
