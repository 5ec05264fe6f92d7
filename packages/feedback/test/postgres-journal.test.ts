import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSqlStore, openStore, readJournal, rebuildPostgres, storeDigest } from '@attune/feedback/store'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { all, comparison, projectOf } from './fixtures-store.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.ts'

const binaries = postgresBinaries()
describe.skipIf(!binaries)('a journal of PostgreSQL (needs its server programs)', () => {
  let server: PostgresServer
  let folder: string
  let journal: string
  let address: string
  beforeAll(async () => {
    server = await startPostgres(binaries!)
  }, 60_000)
  afterAll(() => server?.dispose(), 60_000)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-journal-'))
    journal = join(folder, 'journal.jsonl')
    address = await server.database()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const filled = async () => {
    const store = await openStore(address, { journal })
    await projectOf(store, { items: 4, overlap: 2 })
    for (const item of ['i0', 'i1']) await store.submit(comparison(item, 'ann'), { key: item })
    const digest = await storeDigest(store)
    await store.close()
    return digest
  }

  test('makes an empty database what the lost one was', async () => {
    const before = await filled()
    address = await server.database()
    const again = await openStore(address, { journal })
    expect(await storeDigest(again)).toEqual(before)
    expect((await again.submit(comparison('i0', 'ann'), { key: 'i0' })).duplicate).toBe(true)
    await again.close()
  })

  test('rebuilds a damaged database; the old tables are kept', async () => {
    const before = await filled()
    const broken = await openStore(address, { journal })
    if (!isSqlStore(broken)) throw new Error('a PostgreSQL store has a database')
    await sql`delete from judgments`.execute(broken.database)
    await broken.close()
    expect(await rebuildPostgres(address, journal)).toBe(7)
    const rebuilt = await openStore(address, { journal })
    expect(await storeDigest(rebuilt)).toEqual(before)
    if (!isSqlStore(rebuilt)) throw new Error('a PostgreSQL store has a database')
    const { rows } = await sql`select id from attune_old.items`.execute(rebuilt.database)
    expect(rows).toHaveLength(4)
    await rebuilt.close()
  })

  test('is made from the database where it is gone, and where others wrote without it', async () => {
    await filled()
    await rm(journal)
    await (await openStore(address, { journal })).close()
    expect(await all(readJournal(journal))).toHaveLength(7)
    const shared = await openStore(address)
    await shared.submit(comparison('i2', 'bob'), { key: 'without' })
    await shared.close()
    await (await openStore(address, { journal })).close()
    expect(await all(readJournal(journal))).toHaveLength(8)
    expect(await all(readJournal(`${journal}.old`))).toHaveLength(7)
  })

  test('of another database is refused, and stays as it was', async () => {
    await filled()
    const other = await server.database()
    const store = await openStore(other, { journal: `${journal}.other` })
    await projectOf(store, { items: 6 })
    await store.close()
    const { size } = await stat(journal)
    await expect(openStore(other, { journal })).rejects.toMatchObject({ code: 'conflict' })
    expect((await stat(journal)).size).toBe(size)
  })

  test('has one process that keeps it: a second opening is refused, and a writer beside it is found out', async () => {
    const store = await openStore(address, { journal })
    await projectOf(store, { items: 3 })
    await expect(openStore(address, { journal })).rejects.toMatchObject({ code: 'locked' })
    const shared = await openStore(address)
    await shared.submit(comparison('i0', 'bob'), { key: 'beside' })
    await shared.close()
    const attempt = store.submit(comparison('i1', 'ann'), { key: 'k' })
    await expect(attempt).rejects.toMatchObject({ code: 'locked' })
    await store.close()
    const again = await openStore(address, { journal })
    expect((await all(again.judgments('p'))).map(({ item }) => item)).toEqual(['i0'])
    await again.close()
  })

  test('keeps in step with a database that goes and comes back in a storm', async () => {
    const store = await openStore(address, { journal })
    await projectOf(store, { items: 1, overlap: 1000 })
    const outcomes: Promise<unknown>[] = []
    const storm = (name: string) => {
      for (let n = 0; n < 40; n++)
        outcomes.push(
          store.submit(comparison('i0', `${name}${n}`), { key: `${name} ${n}` }).catch(() => null),
        )
    }
    storm('a')
    const stopped = server.stop()
    storm('b')
    await stopped
    await Promise.all(outcomes)
    await server.start()
    storm('c')
    const acknowledged = (await Promise.all(outcomes)).filter(Boolean) as { judgment: { id: string } }[]
    expect(acknowledged.length).toBeGreaterThanOrEqual(40)
    const kept = new Set((await all(store.judgments('p'))).map(({ id }) => id))
    expect(acknowledged.filter(({ judgment }) => !kept.has(judgment.id))).toEqual([])
    await store.close()
    const inJournal = (await all(readJournal(journal))).filter(({ type }) => type === 'judgment')
    expect(inJournal).toHaveLength(kept.size)
    await (await openStore(address, { journal })).close()
    await writeFile(journal, (await readFile(journal, 'utf8')).replace('prompt 0', 'prompt O'))
    await expect(rebuildPostgres(address, journal)).rejects.toThrow('the hash chain is broken')
  })
})
