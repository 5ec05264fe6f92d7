import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '@attune/lm'
import { UserError } from '../errors.ts'

/** Takes a run folder for this process; a lock left by a process that is gone is taken over. Returns its release. */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const take = () => writeFile(path, String(process.pid), { flag: 'wx' })
  const failed = async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') await rm(path, { force: true }) // an empty lock of ours
    throw fileError(path, cause)
  }
  try {
    await take()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') await failed(cause as Error)
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder !== process.pid && isAlive(holder)) {
      throw new UserError(
        `${folder}: process ${holder} is writing this run; wait for it, or use another name`,
      )
    }
    await rm(path, { force: true })
    await take().catch(failed)
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
