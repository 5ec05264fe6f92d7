import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSampleProject, type RunningServer, startServer } from '@attune/server'
import { UserError } from '../errors.ts'
import { readTextFile } from '../run/jsonl.ts'
import { number } from './generate.ts'

/** Flags of `attune studio`, as commander gives them. */
export interface StudioFlags {
  readonly port: string
  readonly open: boolean
  readonly data: string
  readonly host: string
  readonly store?: string
  readonly shared?: boolean
  readonly origin?: string
  readonly threads?: string
}

const sampleModel = 'sotu-4m'
const samplePrompts = join('recipes', 'quickstart', 'test.jsonl')
const sampleCount = 40

/** `attune studio`: serves the API and the studio until it is stopped; the URL goes to stderr. */
export async function studioCommand(flags: StudioFlags): Promise<void> {
  const folder = process.cwd()
  await mkdir(flags.data, { recursive: true, mode: 0o700 })
  const studio = await studioFiles()
  const password = process.env.ATTUNE_ADMIN_PASSWORD
  const server = await startServer({
    folder,
    data: resolve(flags.data),
    port: number(flags.port, '--port'),
    host: flags.host,
    attune: [process.execPath, fileURLToPath(new URL('../../bin/attune.js', import.meta.url))],
    store: flags.store ?? process.env.DATABASE_URL,
    shared: flags.shared,
    origin: flags.origin ?? process.env.ATTUNE_ORIGIN,
    studio,
    ...(password ? { admin: { name: process.env.ATTUNE_ADMIN_NAME ?? 'admin', password } } : {}),
    ...(flags.threads ? { threads: number(flags.threads, '--threads') } : {}),
  }).catch((cause: Error) => {
    throw new UserError(cause.message)
  })
  process.stderr.write(`studio: ${server.url}${studio ? '' : ' (the API alone: the studio is not built)'}\n`)
  const stopped = untilStopped()
  await offerSample(server, folder)
  if (flags.open && studio) openBrowser(server.url)
  await stopped
  process.stderr.write('studio: stopping; runs go on\n')
  await server.close()
}

/** Folder of the studio's built files: those that were published, or a clone's, which are built once. Undefined when there is no studio. */
async function studioFiles(): Promise<string | undefined> {
  const published = fileURLToPath(new URL('../studio', import.meta.url))
  if (existsSync(join(published, 'index.html'))) return published
  const root = fileURLToPath(new URL('../../../studio', import.meta.url))
  const dist = join(root, 'dist')
  if (existsSync(join(dist, 'index.html'))) return dist
  if (!existsSync(join(root, 'index.html'))) return undefined
  process.stderr.write('studio: building the pages, once …\n')
  const vite = [join(root, 'node_modules'), join(root, '..', '..', 'node_modules')]
    .map((modules) => join(modules, 'vite', 'bin', 'vite.js'))
    .find((path) => existsSync(path))
  if (!vite) throw new UserError(`${root}: vite is not installed; run npm ci`)
  const code = await new Promise<number | null>((done) => {
    const child = spawn(process.execPath, [vite, 'build'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.on('exit', done)
  })
  if (code !== 0) throw new UserError(`${root}: vite build failed; its message is above`)
  return dist
}

/** On the first start: a project with pairs sampled from the shipped model. */
async function offerSample({ services }: RunningServer, folder: string): Promise<void> {
  const path = join(folder, samplePrompts)
  if (!existsSync(path) || !(await services.models()).some(({ id }) => id === sampleModel)) return
  const rows = (await readTextFile(path)).split('\n').filter(Boolean).slice(0, sampleCount)
  const prompts = rows.map((row) => (JSON.parse(row) as { prompt: string }).prompt)
  const made = await makeSampleProject(services, { model: sampleModel, prompts })
  if (made) process.stderr.write(`studio: made a sample project with pairs sampled from ${sampleModel}\n`)
}

function untilStopped(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGINT', () => done())
    process.once('SIGTERM', () => done())
  })
}

function openBrowser(url: string): void {
  const [program, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open']
  const child = spawn(program!, [...before, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {}) // no browser here: the URL is on stderr
  child.unref()
}
