/**
 * Simulated annotators against the server: throughput, latency, and whether a judgment was lost or doubled.
 *   usage: node --conditions=source --import tsx bench/studio-load.ts [--store sqlite|postgres] [--annotators 100]
 *            [--judgments 3000] [--pause 0]
 * `npm run bench -- --only studio` runs the loads of the table in docs/performance.md.
 */
import { parseArgs } from 'node:util'
import { studioLoad } from './studio/load.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    annotators: { type: 'string', default: '100' },
    judgments: { type: 'string', default: '3000' },
    pause: { type: 'string', default: '0' },
  },
})
const { store } = values
if (store !== 'sqlite' && store !== 'postgres')
  throw new Error(`--store is '${store}', expected sqlite or postgres`)
const load = {
  store,
  annotators: Number(values.annotators),
  judgments: Number(values.judgments),
  pause: Number(values.pause),
} as const
const report = await studioLoad(load)
const { acknowledged, seconds, perSecond, p50, p95, p99, lost, doubled } = report
console.log(
  `${load.annotators} annotators on ${store}, ${acknowledged} judgments in ${seconds.toFixed(1)} s: ${perSecond.toFixed(0)} a second; claim + judgment p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ${lost} lost, ${doubled} doubled`,
)
process.exitCode = lost + doubled > 0 ? 1 : 0
