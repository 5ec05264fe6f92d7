/**
 * Exports a million comparisons in each streamed format and prints the most memory that the process ever held.
 *   usage: node --conditions=source --import tsx bench/export-memory.ts [rows]
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Comparison, csvLines, eventLines, trlPreference } from '@attune/feedback'
import { isSqlStore, openStore, parquetChunks } from '@attune/feedback/store'

const rows = Number(process.argv[2] ?? 1_000_000)
const annotator = { id: 'ann', source: 'person' } as const
const time = '2026-01-01T00:00:00.000Z'
const store = await openStore(`sqlite:${join(mkdtempSync(join(tmpdir(), 'attune-export-')), 'a.db')}`, {
  exclusive: false,
})
await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison', overlap: 1000 } })
await store.addItems('p', [{ id: 'i', prompt: 'q', completions: [{ text: 'x' }, { text: 'y' }] }])
if (!isSqlStore(store)) throw new Error('a SQLite store has a database')
for (let first = 0; first < rows; first += 1000) {
  const count = Math.min(1000, rows - first)
  const batch = Array.from({ length: count }, (_, i) => rowOf(first + i))
  await store.database.insertInto('judgments').values(batch).execute()
}

function rowOf(i: number) {
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
  const { id, project, item, kind } = judgment
  const counts = { answer: 1, extra: 1, active: 1, seconds: 0 }
  return { id, project, item, kind, annotator: 'ann', key: id, body: JSON.stringify(judgment), ...counts }
}

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
