/**
 * Kills a writing process with SIGKILL again and again and counts the acknowledged judgments that are missing.
 *   usage: node --conditions=source --import tsx scripts/kill-store.ts [--cycles 1000] [--server] [--store sqlite:<file>]
 * With --server the process is the HTTP server in a storm of annotators, else a writer on the store itself.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killCycles } from '../packages/feedback/test/kill-cycles.ts'
import { killServer } from '../packages/server/test/kill-server.ts'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    server: { type: 'boolean', default: false },
    store: { type: 'string' },
  },
})
const cycles = Number(values.cycles)
const address = values.store ?? `sqlite:${join(mkdtempSync(join(tmpdir(), 'attune-kill-')), 'feedback.db')}`
const report = values.server
  ? await killServer({ cycles, ...(values.store ? { store: values.store } : {}) })
  : await killCycles(address, { cycles, longest: 600 })
console.log(
  JSON.stringify({ process: values.server ? 'server' : 'writer', store: address.split(':')[0], ...report }),
)
process.exitCode = report.lost + report.doubled > 0 ? 1 : 0
