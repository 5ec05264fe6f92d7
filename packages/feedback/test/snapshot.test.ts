import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedbackStore, StoredJudgment } from '@attune/feedback'
import { openStore } from '@attune/feedback/store'
import { expect, test } from 'vitest'
import { comparison, projectOf } from './fixtures-store.ts'

const many = 1010 // more than a SQL store reads at a time

async function filled(store: FeedbackStore): Promise<StoredJudgment[]> {
  await projectOf(store, { items: 1, overlap: 1000 })
  const given = Array.from({ length: many }, (_, i) => comparison('i0', `ann-${i}`))
  const sent = await Promise.all(given.map((one, i) => store.submit(one, { key: `k${i}` })))
  return sent.map(({ judgment }) => judgment)
}

test.each(['memory:', 'sqlite:'])(
  'what is read is of one moment, also while answers are corrected: %s',
  async (scheme) => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-snapshot-'))
    const store = await openStore(scheme === 'memory:' ? scheme : `${scheme}${join(folder, 'data')}`)
    const sent = await filled(store)
    await store.retract(sent[1]!.id, 'ann-1', { leaseSeconds: 60 }) // before the reading
    const reading = store.judgments('p')
    const read = [(await reading[Symbol.asyncIterator]().next()).value as StoredJudgment]
    for (const i of [0, many - 1]) {
      const correction = comparison('i0', `ann-${i}`, { supersedes: sent[i]!.id, preferred: 1 })
      await store.submit(correction, { key: `again ${i}` })
    }
    await store.submit(comparison('i0', 'late'), { key: 'late' })
    for await (const judgment of reading) read.push(judgment)
    const expected = sent.filter((_, i) => i !== 1).map(({ id }) => id)
    expect(read.map(({ id }) => id).sort()).toEqual(expected.sort())
    await store.close()
    await rm(folder, { recursive: true })
  },
)
