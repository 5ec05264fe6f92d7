import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@attune/feedback'
import { isSqlStore, type OpenOptions, openStore } from '@attune/feedback/store'
import { sql } from 'kysely'
import { afterAll, beforeAll, test } from 'vitest'
import { givenPostgres, type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.ts'
import { storeConformance } from './store-conformance.ts'

storeConformance('memory', async (clock) => {
  const store = memoryStore({ clock })
  return { store, dispose: () => store.close() }
})

async function kept(address: string, options: OpenOptions, forget: () => Promise<void>) {
  let store = await openStore(address, options)
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await openStore(address, options)
      return store
    },
    dispose: async () => {
      await store.close()
      await forget()
    },
  }
}

for (const scheme of ['jsonl', 'sqlite']) {
  storeConformance(scheme, async (clock) => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-store-'))
    const address = `${scheme}:${join(folder, 'data')}`
    return kept(address, { clock }, () => rm(folder, { recursive: true }))
  })
}

const binaries = postgresBinaries()
const given = process.env.TEST_DATABASE_URL
if (binaries || given) {
  let server: PostgresServer
  beforeAll(async () => {
    server = given ? givenPostgres(given) : await startPostgres(binaries!)
  }, 60_000)
  afterAll(() => server?.dispose(), 60_000)
  const free: string[] = [] // a database is emptied and used again: each one is some megabytes of files
  const empty = async () => {
    const address = free.pop() ?? (await server.database())
    const store = await openStore(address)
    if (!isSqlStore(store)) throw new Error('a PostgreSQL store has a database')
    await sql`truncate projects, items, leases, judgments, skips, drafts restart identity`.execute(
      store.database,
    )
    await store.database.updateTable('journal_state').set({ sequence: 0, hash: '' }).execute()
    await store.close()
    return address
  }
  storeConformance('postgres', async (clock) => {
    const address = await empty()
    return kept(address, { clock }, async () => {
      free.push(address)
    })
  })
  storeConformance('postgres with a journal', async (clock) => {
    const address = await empty()
    const folder = await mkdtemp(join(tmpdir(), 'attune-store-'))
    return kept(address, { clock, journal: join(folder, 'journal.jsonl') }, async () => {
      free.push(address)
      await rm(folder, { recursive: true })
    })
  })
} else {
  test.skip('postgres: no server programs were found; install Debian’s postgresql or set TEST_DATABASE_URL', () => {})
}
