/**
 * Kills a writing process with SIGKILL again and again and counts the acknowledged judgments that are missing.
 *   usage: node --conditions=source --import tsx scripts/kill-store.ts [--cycles 1000] [--store sqlite:<file>]
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killCycles } from '../packages/feedback/test/kill-cycles.ts'

const { values } = parseArgs({
  options: { cycles: { type: 'string', default: '1000' }, store: { type: 'string' } },
})
const folder = mkdtempSync(join(tmpdir(), 'attune-kill-'))
const address = values.store ?? `sqlite:${join(folder, 'feedback.db')}`
const report = await killCycles(address, { cycles: Number(values.cycles), longest: 600 })
console.log(JSON.stringify({ store: address.split(':')[0], ...report }))
process.exitCode = report.lost + report.doubled > 0 ? 1 : 0
