import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'

/** Takes a run folder for this process; a lock left by a process that is gone is taken over. Returns its release. */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const take = () => writeFile(path, String(process.pid), { flag: 'wx' })
  try {
    await take()
  } catch {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder !== process.pid && isAlive(holder)) {
      throw new UserError(
        `${folder}: process ${holder} is writing this run; wait for it, or use another name`,
      )
    }
    await rm(path, { force: true })
    await take()
  }
  return () => rm(path, { force: true })
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
