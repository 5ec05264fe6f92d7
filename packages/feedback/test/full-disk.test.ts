import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedbackStore } from '@attune/feedback'
import {
  openStore,
  readJournal,
  rebuildFromJournal,
  rebuildPostgres,
  storeDigest,
} from '@attune/feedback/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { all, comparison, projectOf } from './fixtures-store.ts'
import { postgresBinaries, startPostgres } from './postgres-server.ts'
import { type SmallDisk, smallDisk, smallDiskAvailable } from './small-disk.ts'

const { missing, reason } = smallDiskAvailable()

describe.skipIf(missing)(`a full disk${reason}`, () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-full-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** Submits until `enough` are refused; then there is space again, and all that were refused are sent again. */
  const fillAndRecover = async (store: FeedbackStore, disk: SmallDisk, recover = async () => {}) => {
    await projectOf(store, { items: 1, overlap: 1000 })
    const send = (n: number) => {
      const comment = randomBytes(3000).toString('hex')
      return store.submit(comparison('i0', `a${n}`, { comment }), { key: `k${n}` })
    }
    const acknowledged = new Set<string>()
    for (let n = 0; n < 5; n++) acknowledged.add((await send(n)).judgment.id)
    disk.fill()
    const refused: number[] = []
    for (let n = 5; refused.length < 4 && n < 400; n++)
      await send(n).then(
        ({ judgment }) => acknowledged.add(judgment.id),
        (cause) => {
          expect(cause).toMatchObject({ code: 'unavailable' })
          expect(cause.message).toMatch(/try again/)
          refused.push(n)
        },
      )
    expect(refused).toHaveLength(4)
    disk.free()
    await recover()
    for (const n of refused) acknowledged.add((await send(n)).judgment.id)
    const kept = (await all(store.judgments('p'))).map(({ id }) => id)
    expect(kept.sort()).toEqual([...acknowledged].sort())
    expect(await store.progress('p')).toMatchObject({ done: kept.length, extra: 0 })
    return { kept: kept.length, digest: await storeDigest(store) }
  }

  const judgmentsIn = async (journal: string) =>
    (await all(readJournal(journal))).filter(({ type }) => type === 'judgment').length

  test('SQLite refuses, goes on, and its journal makes the same database', async () => {
    const disk = smallDisk(4)!
    try {
      const path = join(disk.folder, 'data')
      const store = await openStore(`sqlite:${path}`)
      const { kept, digest } = await fillAndRecover(store, disk)
      await store.close()
      expect(await judgmentsIn(`${path}.journal.jsonl`)).toBe(kept)
      await rebuildFromJournal(path)
      const rebuilt = await openStore(`sqlite:${path}`)
      expect(await storeDigest(rebuilt)).toEqual(digest)
      await rebuilt.close()
    } finally {
      disk.dispose()
    }
  })

  const binaries = postgresBinaries()
  test.skipIf(!binaries)(
    'PostgreSQL whose own disk is full',
    async () => {
      const disk = smallDisk(90)!
      const server = await startPostgres(binaries!, { parent: disk.folder, small: true })
      try {
        const address = await server.database()
        const journal = join(folder, 'journal.jsonl')
        const store = await openStore(address, { journal })
        const { kept, digest } = await fillAndRecover(store, disk, server.start)
        await store.close()
        expect(await judgmentsIn(journal)).toBe(kept)
        await rebuildPostgres(address, journal)
        const rebuilt = await openStore(address, { journal })
        expect(await storeDigest(rebuilt)).toEqual(digest)
        await rebuilt.close()
      } finally {
        await server.dispose()
        disk.dispose()
      }
    },
    120_000,
  )

  test.skipIf(!binaries)(
    'PostgreSQL whose journal is on a full disk',
    async () => {
      const disk = smallDisk(1)!
      const server = await startPostgres(binaries!)
      try {
        const journal = join(disk.folder, 'journal.jsonl')
        const store = await openStore(await server.database(), { journal })
        const { kept } = await fillAndRecover(store, disk)
        await store.close()
        expect(await judgmentsIn(journal)).toBe(kept)
      } finally {
        await server.dispose()
        disk.dispose()
      }
    },
    120_000,
  )
})
