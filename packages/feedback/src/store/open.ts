import type { Clock, FeedbackStore } from './contract.ts'
import { StoreError } from './error.ts'
import { memoryStore } from './memory/store.ts'

/** How a store is opened. */
export interface OpenOptions {
  /** Time of leases; the machine's by default. */
  readonly clock?: Clock
}

/** Opens the store of an address: `memory:`. */
export async function openStore(url: string, options: OpenOptions = {}): Promise<FeedbackStore> {
  if (url === 'memory:') return memoryStore(options)
  throw new StoreError('invalid', `'${url}' is no store; expected memory:`)
}
