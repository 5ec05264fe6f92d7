import { join } from 'node:path'
import { type Clock, openStore } from '@attune/feedback/store'
import { type HttpBindings, serve } from '@hono/node-server'
import type { Context } from 'hono'
import { accounts, localAccount } from './accounts/accounts.ts'
import { audit } from './accounts/audit.ts'
import { keys } from './accounts/keys.ts'
import { newSecret } from './accounts/secrets.ts'
import { sessions } from './accounts/sessions.ts'
import { createApp } from './app.ts'
import { openDatabase } from './database/open.ts'
import type { Database } from './database/schema.ts'
import { liveEvents } from './events.ts'
import type { Rate } from './http/rate-limit.ts'
import { staticFiles } from './http/static.ts'
import { inference } from './inference/inference.ts'
import { claims } from './labelling/claims.ts'
import { sampling } from './labelling/sampling.ts'
import { modelList } from './models/find.ts'
import { nextRounds } from './runs/loop.ts'
import { runs } from './runs/runs.ts'
import { selections } from './selection/selection.ts'
import type { Services } from './services.ts'

/** How a server is started. */
export interface ServerOptions {
  /** Folder that models/, recipes/ and runs/ lie in. */
  readonly folder: string
  /** Address of the store; default `sqlite:<data>/attune.sqlite`. */
  readonly store?: string | undefined
  /** On PostgreSQL: other servers share the database, so that none of them keeps a journal of it. */
  readonly shared?: boolean | undefined
  /** Folder of the server's own data. */
  readonly data: string
  /** 0 takes any free port. */
  readonly port: number
  /** Address to listen on; beyond this machine an admin account must exist. */
  readonly host?: string | undefined
  /** Where browsers reach it, when that is not the host itself: `https://studio.example.org`. */
  readonly origin?: string | undefined
  /** Program and arguments of `attune`, which runs are started with. */
  readonly attune: readonly string[]
  /** Folder of the studio's built files. */
  readonly studio?: string | undefined
  /** An admin to make when there is none: name and password. */
  readonly admin?: { readonly name: string; readonly password: string } | undefined
  readonly rate?: Rate
  readonly threads?: number | undefined
  readonly checkAnswers?: boolean
  readonly clock?: Clock
  readonly log?: (text: string) => void
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly services: Services
  /** Ends connections and the inference process; runs go on. */
  readonly close: () => Promise<void>
}

const loopback = ['127.0.0.1', 'localhost', '::1']
const defaultRate: Rate = { count: 600, seconds: 60 }

/** Opens the store, makes what is missing, and listens. Throws when others could reach it and nobody could log in. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { folder, data, host = '127.0.0.1', origin } = options
  const log = options.log ?? ((text) => process.stderr.write(`${text}\n`))
  const local = loopback.includes(host) && origin === undefined
  const https = origin?.startsWith('https://') ?? false
  const address = options.store ?? `sqlite:${join(data, 'attune.sqlite')}`
  const store = await openStore(address, {
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.shared ? {} : { journal: join(data, 'attune.journal.jsonl') }),
  })
  try {
    const database = await openDatabase(store)
    const people = accounts(database)
    await prepareAccounts(people, { local, host, admin: options.admin })
    const events = liveEvents()
    const models = modelList(folder)
    const asked = inference({ folder, threads: options.threads })
    const started = runs({ folder, attune: options.attune, events })
    const services: Services = {
      store,
      database,
      accounts: people,
      sessions: sessions(database),
      keys: keys(database),
      audit: audit(database),
      claims: claims(database),
      events,
      inference: asked,
      models,
      runs: started,
      sampling: sampling({ store, inference: asked, events }),
      selections: selections({ store, database, inference: asked, models, runs: started, events }),
      settings: {
        local,
        https,
        cookie: `attune_session_${options.port}`,
        secret: await serverSecret(database),
      },
    }
    const app = createApp(services, {
      folder,
      hosts: [host, ...(origin ? [new URL(origin).hostname] : [])],
      rate: options.rate ?? defaultRate,
      addressOf: (c: Context<{ Bindings: HttpBindings }>) =>
        c.env?.incoming?.socket.remoteAddress ?? 'unknown',
      log,
      ...(options.checkAnswers ? { checkAnswers: true } : {}),
      ...(options.studio ? { files: await staticFiles(options.studio) } : {}),
    })
    const stopRounds = everyFewSeconds(async () => {
      await nextRounds(services)
      await services.selections.follow()
    }, log)
    return await listen(app, { ...options, host, origin, services, stop: stopRounds })
  } catch (cause) {
    await store.close()
    throw cause
  }
}

async function prepareAccounts(
  people: Services['accounts'],
  { local, host, admin }: { local: boolean; host: string; admin: ServerOptions['admin'] },
): Promise<void> {
  if (local && !(await people.get(localAccount)))
    await people.create({ id: localAccount, name: 'You', role: 'admin', projects: 'all' })
  if (admin && !(await people.hasAdmin())) await people.create({ ...admin, role: 'admin', projects: 'all' })
  if (local || (await people.hasAdmin())) return
  throw new Error(
    `--host ${host}: others could reach this server, and no admin has a password; set ATTUNE_ADMIN_PASSWORD once (at least 10 characters), or listen on 127.0.0.1`,
  )
}

/** The secret of CSRF tokens, made at the first start. */
async function serverSecret(database: Database): Promise<string> {
  await database
    .insertInto('server_settings')
    .values({ name: 'secret', value: newSecret() })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const row = await database
    .selectFrom('server_settings')
    .select('value')
    .where('name', '=', 'secret')
    .executeTakeFirstOrThrow()
  return row.value
}

function everyFewSeconds(task: () => Promise<void>, log: (text: string) => void): () => void {
  let busy = false
  const timer = setInterval(async () => {
    if (busy) return
    busy = true
    await task().catch((cause: Error) => log(`in the background: ${cause.message}`))
    busy = false
  }, 3000)
  timer.unref()
  return () => clearInterval(timer)
}

function listen(
  app: ReturnType<typeof createApp>,
  {
    host,
    port,
    origin,
    services,
    stop,
  }: ServerOptions & { host: string; services: Services; stop: () => void },
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (info) => {
      const name = host.includes(':') ? `[${host}]` : host
      resolve({
        url: origin ?? `http://${name}:${info.port}`,
        port: info.port,
        services,
        close: async () => {
          stop()
          services.sampling.stop()
          services.selections.stop()
          const closed = new Promise((done) => server.close(done))
          if ('closeAllConnections' in server) server.closeAllConnections()
          await closed
          await services.inference.close()
          await services.store.close()
        },
      })
    })
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      reject(
        taken ? new Error(`port ${port} is taken by another program; choose another with --port`) : cause,
      )
    })
  })
}
