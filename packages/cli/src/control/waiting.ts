import { setTimeout as sleep } from 'node:timers/promises'

/** Waits so many seconds; true when it was told to stop meanwhile, or before. */
export function stoppedWaiting(seconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  return sleep(1000 * seconds, false, { signal }).catch((cause: Error) => {
    if (cause.name === 'AbortError') return true
    throw cause
  })
}
