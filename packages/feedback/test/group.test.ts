import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSqlStore, openStore, readJournal } from '@attune/feedback/store'
import { Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { all, comparison, pairs, projectOf } from './fixtures-store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-group-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const crowd = Array.from({ length: 60 }, (_, n) => `a${n}`)

test('answers that come at once share a transaction; one that fails is undone alone', async () => {
  const path = join(folder, 'data')
  const store = await openStore(`sqlite:${path}`)
  await projectOf(store, { items: 2, overlap: 100 })
  await store.submit(comparison('i1', 'first'), { key: 'taken' })
  const transactions = vi.spyOn(Kysely.prototype, 'transaction')
  const results = await Promise.allSettled(
    crowd.map((who, n) => store.submit(comparison('i0', who), { key: n === 30 ? 'taken' : who })),
  )
  expect(transactions.mock.calls.length).toBeLessThan(5)
  transactions.mockRestore()
  const refused = results.flatMap((result, n) =>
    result.status === 'rejected' ? [[n, result.reason.code]] : [],
  )
  expect(refused).toEqual([[30, 'conflict']])
  const kept = (await all(store.judgments('p'))).map(({ id }) => id)
  expect(kept).toHaveLength(60)
  expect(await store.progress('p')).toMatchObject({ done: 60, extra: 0 })
  await store.close()
  const events = await all(readJournal(`${path}.journal.jsonl`))
  expect(events.flatMap((event) => (event.type === 'judgment' ? [event.judgment.id] : []))).toEqual(kept)
})

test('a group whose commit fails leaves nothing, in the database and in the journal', async () => {
  const path = join(folder, 'data')
  const store = await openStore(`sqlite:${path}`)
  await projectOf(store, { items: 1, overlap: 100 })
  if (!isSqlStore(store)) throw new Error('a SQLite store has a database')
  await sql`create trigger fail before update of sequence on journal_state begin select raise(abort, 'no room'); end`.execute(
    store.database,
  )
  const results = await Promise.allSettled(
    crowd.map((who) => store.submit(comparison('i0', who), { key: who })),
  )
  for (const result of results)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  expect(await all(store.judgments('p'))).toEqual([])
  await sql`drop trigger fail`.execute(store.database)
  await store.submit(comparison('i0', 'ann'), { key: 'k' })
  expect(await store.addItems('p', pairs(2))).toEqual({ added: 1, existing: 1 })
  await store.close()
  const events = await all(readJournal(`${path}.journal.jsonl`))
  expect(events.map(({ type }) => type)).toEqual(['project', 'item', 'judgment', 'item'])
})

test('whoever reads sees what is committed, while others write', async () => {
  const store = await openStore(`sqlite:${join(folder, 'data')}`)
  await projectOf(store, { items: 1, overlap: 100 })
  const writes = crowd.map((who) => store.submit(comparison('i0', who), { key: who }))
  const seen = (await all(store.judgments('p'))).length
  expect(seen).toBeLessThan(60)
  await Promise.all(writes)
  expect(await all(store.judgments('p'))).toHaveLength(60)
  await store.close()
})
