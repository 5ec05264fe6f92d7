/**
 * Kills a writing process and fails the power of its disk, again and again, and counts the acknowledged judgments that are missing.
 * The disk is LazyFS (https://github.com/dsrhaslab/lazyfs), which forgets what was not synced; build it, and give its program.
 *   usage: node --conditions=source --import tsx scripts/power-loss.ts <lazyfs> [--cycles 100] [--store sqlite|jsonl|postgres]
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type KillReport, killCycles } from '../packages/feedback/test/kill-cycles.ts'
import { type LazyDisk, lazyDisk } from '../packages/feedback/test/lazy-disk.ts'
import { postgresBinaries, startPostgres, unprivileged } from '../packages/feedback/test/postgres-server.ts'

const { values, positionals } = parseArgs({
  options: { cycles: { type: 'string', default: '100' }, store: { type: 'string', default: 'sqlite' } },
  allowPositionals: true,
})
const [program] = positionals
if (!program) throw new Error('give the path of the lazyfs program')
const cycles = Number(values.cycles)
const { store } = values

/** Throws unless the disk keeps what was synced and forgets what was not. */
async function checkDisk({ folder, losePower }: LazyDisk): Promise<void> {
  const path = join(folder, 'check')
  const file = openSync(path, 'w')
  writeSync(file, 'synced')
  fdatasyncSync(file)
  writeSync(file, ' and not')
  closeSync(file)
  await losePower()
  const kept = readFileSync(path, 'utf8')
  if (kept !== 'synced') throw new Error(`the disk kept '${kept}' of 'synced and not', expected 'synced'`)
}

async function onPostgres(disk: LazyDisk): Promise<KillReport> {
  const binaries = postgresBinaries()
  if (!binaries) throw new Error('there are no server programs of PostgreSQL here')
  const server = await startPostgres(binaries, { parent: disk.folder, synced: true })
  try {
    const losePower = async () => {
      await server.crash()
      await disk.losePower()
      await server.start()
    }
    const address = await server.database()
    return await killCycles(address, { cycles, mode: 'shared', longest: 600, losePower })
  } finally {
    await server.dispose()
  }
}

const disk = await lazyDisk(program, store === 'postgres' ? unprivileged() : {})
try {
  await checkDisk(disk)
  const { losePower, folder } = disk
  const report =
    store === 'postgres'
      ? await onPostgres(disk)
      : await killCycles(`${store}:${join(folder, 'feedback')}`, { cycles, longest: 600, losePower })
  console.log(JSON.stringify({ store, powerLosses: cycles, ...report }))
  process.exitCode = report.lost + report.doubled > 0 ? 1 : 0
} finally {
  await disk.dispose()
}
