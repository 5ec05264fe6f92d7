import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** A PostgreSQL server of a test: databases on demand, and the switch. */
export interface PostgresServer {
  /** Makes an empty database and returns its address. */
  readonly database: () => Promise<string>
  /** Cuts all connections. */
  readonly stop: () => Promise<void>
  /** Ends at once, as it stands. */
  readonly crash: () => Promise<void>
  /** Does nothing while it runs. */
  readonly start: () => Promise<void>
  readonly dispose: () => Promise<void>
}

/** Where Debian and others put the server's programs, or null. */
export function postgresBinaries(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  const folders = versions.map((version) => `${debian}/${version}/bin`)
  try {
    folders.push(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim())
  } catch {
    // no pg_config: only Debian's folders
  }
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/** The user that runs the server: PostgreSQL refuses root. */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Databases on a server that runs already; it is neither stopped nor started. */
export function givenPostgres(address: string): PostgresServer {
  const refuse = async () => {
    throw new Error('the server of TEST_DATABASE_URL is not ours to stop')
  }
  const database = async () => {
    const name = `attune_test_${process.pid}_${Math.random().toString(36).slice(2)}`
    const client = new pg.Client(address)
    await client.connect()
    await client.query(`create database ${name}`).finally(() => client.end())
    const url = new URL(address)
    url.pathname = name
    return url.href
  }
  return { database, stop: refuse, crash: refuse, start: refuse, dispose: async () => {} }
}

/** Starts a server in a folder of its own, with fsync on; `small` makes its log's files of one megabyte, `synced` its empty database durable. */
export async function startPostgres(
  binaries: string,
  {
    parent = tmpdir(),
    small = false,
    synced = false,
  }: { parent?: string; small?: boolean; synced?: boolean } = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(parent, 'attune-postgres-'))
  const user = unprivileged()
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!)
  const data = join(folder, 'data')
  execFileSync(
    join(binaries, 'initdb'),
    [
      ...['-D', data, '-U', 'attune', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
      ...(synced ? [] : ['--no-sync']),
      ...(small ? ['--wal-segsize=1'] : []),
    ],
    { ...user, stdio: 'ignore', cwd: folder },
  )
  const port = await freePort()
  const address = (name: string) => `postgres://attune@127.0.0.1:${port}/${name}`
  const options = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  const launch = () =>
    spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...options], {
      ...user,
      stdio: 'ignore',
      cwd: folder,
    })
  const admin = async (statement: string) => {
    const client = new pg.Client(address('postgres'))
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  let server: ReturnType<typeof launch> | null = null
  const start = async () => {
    if (server && server.exitCode === null) return
    server = launch()
    for (let attempt = 0; attempt < 200; attempt++) {
      if (
        await admin('select 1').then(
          () => true,
          () => false,
        )
      )
        return
      await sleep(50)
    }
    throw new Error('PostgreSQL did not start in 10 s')
  }
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT') => {
    const running = server
    server = null
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal) // SIGINT cuts open connections; SIGQUIT does not even tidy up
    await ended
  }
  await start()
  let databases = 0
  return {
    start,
    stop: () => stop(),
    crash: () => stop('SIGQUIT'),
    database: async () => {
      const name = `test_${databases++}`
      await admin(`create database ${name}`)
      return address(name)
    },
    dispose: async () => {
      await stop('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
