import { join } from 'node:path'
import { StoreError, takeLock } from '@attune/feedback/store'
import { fileError } from '@attune/lm'
import { UserError } from '../errors.ts'

/** The lock's name in a run's folder. */
export const lockFile = 'lock'

/** Takes a run folder for this process; a lock left by a process that is gone is taken over. Returns its release. */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockFile)
  return takeLock(path, 'this run').catch((cause) => {
    if (cause instanceof StoreError && cause.code === 'locked') throw new UserError(cause.message)
    throw fileError(path, cause instanceof StoreError && cause.cause instanceof Error ? cause.cause : cause)
  })
}
