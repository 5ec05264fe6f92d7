import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError, takeLock } from '@attune/feedback/store'
import { fileError } from '@attune/lm'
import { UserError } from '../errors.ts'

const lockFile = 'lock'

/** Takes a run folder for this process; a lock left by a process that is gone is taken over. Returns its release. */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockFile)
  return takeLock(path, 'this run').catch((cause) => {
    if (cause instanceof StoreError && cause.code === 'locked') throw new UserError(cause.message)
    throw fileError(path, cause instanceof StoreError && cause.cause instanceof Error ? cause.cause : cause)
  })
}

/** Removes what an earlier process left in a run's folder; this process must hold its lock. */
export async function emptyRun(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== lockFile) await rm(join(folder, name), { recursive: true, force: true })
}
