import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@attune/feedback'
import { type OpenOptions, openStore } from '@attune/feedback/store'
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
  storeConformance('postgres', async (clock) => {
    return kept(await server.database(), { clock }, async () => {})
  })
} else {
  test.skip('postgres: no server programs were found; install Debian’s postgresql or set TEST_DATABASE_URL', () => {})
}
