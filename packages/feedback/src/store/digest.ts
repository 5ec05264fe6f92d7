import { createHash } from 'node:crypto'
import type { FeedbackStore } from './contract.ts'
import type { StoreEvent } from './event.ts'

/** How much of each type a store keeps, and a hash of it that does not depend on the order. */
export interface StoreDigest {
  readonly counts: Readonly<Record<StoreEvent['type'], number>>
  /** Sum of the entries' SHA-256 modulo 2²⁵⁶, in hexadecimal. */
  readonly hash: string
}

/** Counts and hash of all that a store keeps. */
export async function storeDigest(store: FeedbackStore): Promise<StoreDigest> {
  const counts = { project: 0, item: 0, judgment: 0, skip: 0, draft: 0 }
  let sum = 0n
  for await (const event of store.events()) {
    counts[event.type]++
    const hash = createHash('sha256')
      .update(JSON.stringify(sorted(event)))
      .digest('hex')
    sum = (sum + BigInt(`0x${hash}`)) % (1n << 256n)
  }
  return { counts, hash: sum.toString(16).padStart(64, '0') }
}

/** A value with the fields of its records in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  )
}
