import { join } from 'node:path'
import { openStore, StoreError } from '@attune/feedback/store'
import { expect, test } from 'vitest'
import { postgresBinaries, startPostgres } from '../../feedback/test/postgres-server.ts'
import { smallDisk, smallDiskAvailable } from '../../feedback/test/small-disk.ts'
import { browser, person, project, testServer } from './harness.ts'
import { killServer } from './kill-server.ts'

const cycles = Number(process.env.ATTUNE_KILL_CYCLES ?? 50)

test(
  `after kill -9 in a storm of writes every acknowledged judgment is there, once (${cycles} times)`,
  async () => {
    const report = await killServer({ cycles })
    expect(report).toMatchObject({ cycles, lost: 0, doubled: 0 })
    expect(report.acknowledged).toBeGreaterThanOrEqual(8 * cycles)
  },
  60_000 + cycles * 15_000,
)

test('an expired lease goes to another; the late answer is kept, and counts once', async () => {
  let now = Date.now()
  const server = await testServer({ clock: () => now })
  const { id } = await project(server, { items: 1, overlap: 1 })
  const [slow, quick] = [
    await person(server, { name: 'slow', role: 'annotator' }),
    await person(server, { name: 'quick', role: 'annotator' }),
  ]
  const claim = async ({ call }: typeof slow) =>
    (await call('POST', `/api/projects/${id}/claim`, { leaseSeconds: 60 })).json
  const send = ({ call }: typeof slow, lease: string, key: string) =>
    call('POST', `/api/projects/${id}/judgments`, {
      key,
      lease,
      item: 'item-0',
      judgment: { kind: 'comparison', preferred: 0 },
    })
  const first = await claim(slow)
  expect(await claim(quick)).toMatchObject({ empty: true })
  now -= 3_600_000 // the clock is put back: the lease only lasts longer
  expect(await claim(quick)).toMatchObject({ empty: true })
  now += 3_600_000 + 61_000
  const second = await claim(quick)
  expect(second.item.id).toBe('item-0')
  expect((await slow.call('POST', `/api/leases/${first.lease.id}/extend`, {})).status).toBe(409)
  expect((await send(quick, second.lease.id, 'quick-answer')).json).toMatchObject({
    duplicate: false,
    extra: false,
  })
  expect((await send(slow, first.lease.id, 'slow-answer')).json).toMatchObject({
    duplicate: false,
    extra: true,
  })
  expect((await send(slow, first.lease.id, 'slow-answer')).json).toMatchObject({ duplicate: true })
  expect((await slow.call('GET', `/api/projects/${id}/progress`)).json).toMatchObject({
    slots: 1,
    done: 1,
    extra: 1,
  })
  await server.remove()
})

test('a database that is gone is a 503 that says when to come back, and then all goes on', async () => {
  const server = await testServer()
  const { id } = await project(server, { items: 1 })
  const { call } = await browser(server)
  const store = server.services.store as { progress: typeof server.services.store.progress }
  const { progress } = store
  store.progress = async () => {
    throw new StoreError('unavailable', 'the database does not answer')
  }
  const away = await call('GET', `/api/projects/${id}/progress`)
  expect([away.status, away.json.error.code, away.headers.get('retry-after')]).toEqual([
    503,
    'unavailable',
    '1',
  ])
  store.progress = progress
  expect((await call('GET', `/api/projects/${id}/progress`)).status).toBe(200)
  await server.remove()
})

const { missing: noDisk, reason } = smallDiskAvailable()

test.skipIf(noDisk)(
  `on a full disk an answer is refused and not acknowledged; the server goes on, and takes it when there is room${reason}`,
  async () => {
    const disk = smallDisk(6)!
    const server = await testServer({ data: disk.folder })
    try {
      const { id } = await project(server, { items: 1, overlap: 1000 })
      const { call } = await browser(server)
      const send = (n: number) =>
        call('POST', `/api/projects/${id}/judgments`, {
          key: `full-disk-${n}`,
          item: 'item-0',
          judgment: { kind: 'comparison', preferred: 0 },
          comment: 'x'.repeat(3000),
        })
      expect((await send(0)).status).toBe(201)
      disk.fill()
      const acknowledged = new Set([0])
      const refused: number[] = []
      for (let n = 1; refused.length < 3; n++) {
        const { status, json, headers } = await send(n)
        if (status === 201) acknowledged.add(n)
        else {
          refused.push(n)
          expect([status, json.error.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1'])
          expect((json.error as unknown as { message: string }).message).toMatch(/space|full/)
        }
      }
      expect((await call('GET', `/api/projects/${id}/progress`)).status).toBe(200)
      disk.free()
      for (const n of refused) {
        expect((await send(n)).json).toMatchObject({ duplicate: false })
        acknowledged.add(n)
      }
      const { items } = (await call('GET', `/api/projects/${id}/judgments?limit=500`)).json
      expect(items).toHaveLength(acknowledged.size)
    } finally {
      await server.remove()
      disk.dispose()
    }
  },
)

test('a second server on the same data is refused while the first lives', async () => {
  const server = await testServer()
  await expect(openStore(`sqlite:${join(server.folder, 'attune.sqlite')}`)).rejects.toMatchObject({
    code: 'locked',
  })
  const again = await server.restart()
  expect((await (await browser(again)).call('GET', '/api/session')).status).toBe(200)
  await again.remove()
})

const binaries = postgresBinaries()
const withoutPostgres = binaries === null

test.skipIf(withoutPostgres)(
  `the same on PostgreSQL (10 times)${withoutPostgres ? ' (PostgreSQL is not installed)' : ''}`,
  async () => {
    const postgres = await startPostgres(binaries!)
    const report = await killServer({ cycles: 10, store: await postgres.database() }).finally(
      postgres.dispose,
    )
    expect(report).toMatchObject({ cycles: 10, lost: 0, doubled: 0 })
  },
  300_000,
)

test.skipIf(withoutPostgres)(
  `on PostgreSQL: labels, an append-only audit log, and a database that is gone and back${withoutPostgres ? ' (PostgreSQL is not installed)' : ''}`,
  async () => {
    const postgres = await startPostgres(binaries!)
    const server = await testServer({ store: await postgres.database() })
    try {
      const { id } = await project(server, { items: 2 })
      const { call } = await browser(server)
      const { lease, item } = (await call('POST', `/api/projects/${id}/claim`, {})).json
      const body = {
        key: 'on-postgres',
        lease: lease.id,
        item: item.id,
        judgment: { kind: 'comparison', preferred: 1 },
      }
      const first = await call('POST', `/api/projects/${id}/judgments`, body)
      expect([first.status, first.json]).toMatchObject([201, { duplicate: false }])
      await call('PATCH', `/api/projects/${id}`, { name: 'Renamed' })
      const { database } = server.services
      await expect(database.deleteFrom('server_audit').execute()).rejects.toThrow(/append-only/)
      await postgres.stop()
      const away = await call('POST', `/api/projects/${id}/judgments`, body)
      expect([away.status, away.json.error.code]).toEqual([503, 'unavailable'])
      await postgres.start()
      const back = await call('POST', `/api/projects/${id}/judgments`, body)
      expect([back.status, back.json]).toMatchObject([
        201,
        { duplicate: true, judgment: { id: first.json.judgment.id } },
      ])
    } finally {
      await server.remove()
      await postgres.dispose()
    }
  },
)
