/**
 * A process that claims and submits until it is killed or nothing is left. Each acknowledged key is a line on stdout.
 *   arguments: address, annotator, exclusive|shared
 */
import { writeSync } from 'node:fs'
import { openStore } from '@attune/feedback/store'
import { comparison } from './fixtures-store.ts'

const [address, annotator, mode] = process.argv.slice(2) as [string, string, string]
const store = await openStore(address, { exclusive: mode === 'exclusive' })
writeSync(1, 'ready\n')
for (;;) {
  const claim = await store.claim('p', annotator, { leaseSeconds: 600 })
  if (!claim) break
  const key = `${annotator} ${claim.item.id}`
  await store.submit(comparison(claim.item.id, annotator), { key, lease: claim.lease.id })
  writeSync(1, `${key}\n`)
}
await store.close()
