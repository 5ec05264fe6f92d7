import { spawnSync } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSqlStore, openStore, rebuildFromJournal } from '@attune/feedback/store'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeDigest } from '../src/store/digest.ts'
import { openJournal, readJournal } from '../src/store/journal.ts'
import { takeLock } from '../src/store/lock.ts'
import { isAtLeast } from '../src/store/sqlite/driver.ts'
import { all, comparison, pairs, projectOf } from './fixtures-store.ts'
import { killCycles, startWriter } from './kill-cycles.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-faults-'))
  path = join(folder, 'data')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Several processes claim and submit at once: every slot is filled once. */
async function race(address: string, { processes = 8, items = 60, overlap = 2 } = {}): Promise<void> {
  const store = await openStore(address, { exclusive: false })
  await projectOf(store, { items, overlap })
  const people = Array.from({ length: processes }, (_, i) => `w${i}`)
  const keys = (await Promise.all(people.map((who) => startWriter(address, who, 'shared').done))).flat()
  expect(keys).toHaveLength(items * overlap)
  expect(await store.progress('p')).toMatchObject({ done: items * overlap, extra: 0 })
  for (const { filled, held } of (await store.items('p', { limit: items })).items)
    expect([filled, held]).toEqual([overlap, 0])
  await store.close()
}

test('eight processes that share a SQLite file fill every slot once', () => race(`sqlite:${path}`), 120_000)

test.each([
  ['sqlite', 50],
  ['jsonl', 10],
])(
  '%s: no acknowledged judgment is lost in %d kills of a write storm',
  async (scheme, cycles) => {
    const report = await killCycles(`${scheme}:${path}`, { cycles })
    expect(report).toMatchObject({ lost: 0, doubled: 0 })
    expect(report.acknowledged).toBeGreaterThan(0)
  },
  300_000,
)

const hasStrace = spawnSync('strace', ['-V']).status === 0

test.skipIf(!hasStrace)(
  `each acknowledged judgment is synced in the journal and in the database${hasStrace ? '' : ' (needs strace)'}`,
  async () => {
    const store = await openStore(`sqlite:${path}`)
    await projectOf(store, { items: 30 })
    await store.close()
    const calls = join(folder, 'calls')
    const strace = ['strace', '-f', '-y', '-e', 'trace=fdatasync,fsync', '-o', calls]
    const keys = await startWriter(`sqlite:${path}`, 'ann', 'exclusive', strace).done
    expect(keys).toHaveLength(30)
    const lines = (await readFile(calls, 'utf8')).split('\n')
    const synced = (end: string) => lines.filter((line) => line.includes(`${path}${end}>`)).length
    expect(synced('.journal.jsonl')).toBeGreaterThanOrEqual(30)
    expect(synced('-wal')).toBeGreaterThanOrEqual(30)
  },
  60_000,
)

describe('one owner', () => {
  test.each(['sqlite', 'jsonl'])(
    '%s: a second opening is refused with the owner’s process',
    async (scheme) => {
      const store = await openStore(`${scheme}:${path}`)
      await expect(openStore(`${scheme}:${path}`)).rejects.toThrow(
        `process ${process.pid} has this store open`,
      )
      await store.close()
      await (await openStore(`${scheme}:${path}`)).close()
    },
  )

  test('the lock of a process that is gone, or of an earlier boot, is taken over', async () => {
    for (const owner of [
      { token: 'a', pid: 2 ** 22 + 1, boot: '', start: '' },
      { token: 'b', pid: process.pid, boot: 'another', start: '1' },
    ]) {
      await writeFile(path, JSON.stringify(owner))
      const release = await takeLock(path)
      await expect(takeLock(path)).rejects.toMatchObject({ code: 'locked' })
      await release()
    }
  })

  test.each(['', '{"token":"a","pi', '\0\0\0\0'])(
    'a lock that lost its content with the power is nobody’s: %j',
    async (content) => {
      await writeFile(path, content)
      const release = await takeLock(path)
      await expect(takeLock(path)).rejects.toMatchObject({ code: 'locked' })
      await release()
      expect(await readdir(folder)).toEqual([])
    },
  )

  test('of many heirs at most one gets the lock', async () => {
    await writeFile(path, JSON.stringify({ token: 'a', pid: 2 ** 22 + 1, boot: '', start: '' }))
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => takeLock(path)))
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1)
  })
})

describe('the journal', () => {
  test('makes a lost database again, and a rebuilt one is equal', async () => {
    const store = await openStore(`sqlite:${path}`)
    const id = await projectOf(store, { items: 5, overlap: 2 })
    for (const item of ['i0', 'i1']) await store.submit(comparison(item, 'ann'), { key: item })
    await store.prioritise(id, new Map([['i3', 2]]))
    const before = await storeDigest(store)
    await store.close()
    for (const end of ['', '-wal', '-shm']) await rm(path + end, { force: true })
    const again = await openStore(`sqlite:${path}`)
    expect(await storeDigest(again)).toEqual(before)
    await again.close()
    for (const end of ['-wal', '-shm']) await rm(path + end, { force: true })
    await writeFile(path, 'this is no database '.repeat(500))
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow('attune store rebuild')
    expect(await rebuildFromJournal(path)).toBeGreaterThan(7)
    const rebuilt = await openStore(`sqlite:${path}`)
    expect(await storeDigest(rebuilt)).toEqual(before)
    await rebuilt.close()
  })

  test('is made again from the database where it is gone', async () => {
    const store = await openStore(`sqlite:${path}`)
    await projectOf(store, { items: 2 })
    await store.close()
    await rm(`${path}.journal.jsonl`)
    await (await openStore(`sqlite:${path}`)).close()
    const events = await all(readJournal(`${path}.journal.jsonl`))
    expect(events.map(({ type }) => type)).toEqual(['project', 'item', 'item'])
  })

  test('finds its last whole line before a tail torn where a read begins', async () => {
    const store = await openStore(`jsonl:${path}`)
    await projectOf(store, { items: 2 })
    await store.close()
    const file = join(path, 'journal.jsonl')
    const { size } = await stat(file)
    await appendFile(file, 'x'.repeat((1 << 16) - 1))
    const journal = await openJournal(file)
    expect(journal.mark()).toMatchObject({ sequence: 3, size })
    await journal.close()
  })

  test('forgets a torn last line, and tells where a line was changed', async () => {
    const store = await openStore(`jsonl:${path}`)
    await projectOf(store, { items: 3 })
    await store.close()
    const file = join(path, 'journal.jsonl')
    const { size } = await stat(file)
    await appendFile(file, '{"sequence":5,"bef')
    await (await openStore(`jsonl:${path}`)).close()
    expect((await stat(file)).size).toBe(size)
    await truncate(file, size - 4)
    const torn = await openStore(`jsonl:${path}`)
    expect((await torn.items('p', { limit: 9 })).items).toHaveLength(2)
    await torn.close()
    await writeFile(file, (await readFile(file, 'utf8')).replace('prompt 0', 'prompt O'))
    await expect(openStore(`jsonl:${path}`)).rejects.toThrow('line 3: the hash chain is broken')
  })
})

test('on a full disk nothing is acknowledged, and nothing half-written stays', async () => {
  const journal = await openJournal('/dev/full').catch(() => null)
  if (!journal) return expect(process.platform).not.toBe('linux')
  const event = { type: 'skip' as const, skip: skipOf('ann') }
  await expect(journal.append([event])).rejects.toThrow('nothing was stored, try again')
  expect(journal.mark().sequence).toBe(0)
  await journal.close()
})

function skipOf(annotator: string) {
  const time = '2026-01-01T00:00:00.000Z'
  return { project: 'p', item: 'i', annotator, reason: '', policy: 'drop' as const, time }
}

test('the next item is found through the index of open items, in the order of asking', async () => {
  const store = await openStore(`sqlite:${path}`)
  if (!isSqlStore(store)) throw new Error('a SQLite store has a database')
  const { rows } = await sql<{ detail: string }>`explain query plan
    select i.id from items i where i.project = ${'p'} and i.gold = ${0} and i.filled < i.need - i.held
    order by i.priority desc, i.shuffle limit 1`.execute(store.database)
  expect(rows.map(({ detail }) => detail)).toEqual([expect.stringContaining('USING INDEX items_open')])
  await store.close()
})

test('SQLite that can lose commits is too old', () => {
  expect(isAtLeast('3.51.3', '3.51.3')).toBe(true)
  expect(isAtLeast('3.53.0', '3.51.3')).toBe(true)
  expect(isAtLeast('3.51.2', '3.51.3')).toBe(false)
  expect(isAtLeast('3.9.9', '3.51.3')).toBe(false)
})

const binaries = postgresBinaries()
describe.skipIf(!binaries)('PostgreSQL (needs its server programs)', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(binaries!)
  }, 60_000)
  afterAll(() => server?.dispose(), 60_000)

  test('eight processes fill every slot once', async () => race(await server.database()), 120_000)

  test('no acknowledged judgment is lost to kill -9 of the writer', async () => {
    const report = await killCycles(await server.database(), { cycles: 10, mode: 'shared' })
    expect(report).toMatchObject({ lost: 0, doubled: 0 })
  }, 300_000)

  test('when the database goes and comes back, calls fail with a word and then work', async () => {
    const store = await openStore(await server.database())
    const id = await projectOf(store, { items: 2 })
    await store.submit(comparison('i0', 'ann'), { key: 'before' })
    await server.stop()
    const attempt = () => store.submit(comparison('i1', 'ann'), { key: 'during' })
    await expect(attempt()).rejects.toMatchObject({ code: 'unavailable' })
    await server.start()
    expect(await attempt()).toMatchObject({ duplicate: false })
    expect(await attempt()).toMatchObject({ duplicate: true })
    expect(await all(store.judgments(id))).toHaveLength(2)
    expect(await store.addItems(id, pairs(3))).toEqual({ added: 1, existing: 2 })
    await store.close()
  })
})
