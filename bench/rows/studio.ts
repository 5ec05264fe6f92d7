import { postgresBinaries } from '../../packages/feedback/test/postgres-server.ts'
import { studioLoad } from '../studio/load.ts'
import type { Row } from './row.ts'

const stores = [
  { store: 'sqlite', name: 'SQLite', annotators: 100 },
  { store: 'postgres', name: 'PostgreSQL', annotators: 200 },
] as const

/** Throughput of annotators who never think, and latency of annotators who think for a second: faster than any person. */
export async function studioRows(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { store, name, annotators } of stores) {
    if (store === 'postgres' && !postgresBinaries()) {
      console.error('PostgreSQL is not installed: its rows are left out')
      continue
    }
    const add = (what: string, ours: number, unit: string, limit = '') =>
      rows.push({
        name: `${name}, ${annotators} annotators${what}`,
        ours,
        peer: null,
        unit,
        ratio: null,
        limit,
      })
    const storm = await studioLoad({ store, annotators, judgments: 6000, pause: 0 })
    add(' without a pause', storm.perSecond, 'judgments/s')
    const paced = await studioLoad({ store, annotators, judgments: 6000, pause: 1 })
    add(', one answer a second each', paced.perSecond, 'judgments/s')
    add(', claim + judgment, p50', paced.p50, 'ms')
    add(', claim + judgment, p95', paced.p95, 'ms', annotators === 100 ? '≤ 50' : '')
    add(', claim + judgment, p99', paced.p99, 'ms')
    add(', lost of both', storm.lost + paced.lost, `of ${storm.acknowledged + paced.acknowledged}`, '0')
    add(', doubled of both', storm.doubled + paced.doubled, 'judgments', '0')
  }
  return rows
}
