import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type APIRequestContext, type Browser, type BrowserContext, chromium } from 'playwright-core'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const executablePath = '/usr/bin/chromium'
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why the tests in a browser cannot run here; empty when they can. */
export const missing = [
  existsSync(executablePath) ? '' : `${executablePath} is not installed`,
  existsSync(join(root, 'models/sotu-4m')) ? '' : 'models/sotu-4m is not there',
]
  .filter(Boolean)
  .join('; ')

const studioFolder = join(root, 'packages/studio')
const lock = join(root, 'node_modules/.attune-studio-build')
const longestBuild = 120_000

/** Builds the pages as they are served, once for all tests that need them at the same time. */
export async function buildStudio(): Promise<void> {
  await mkdir(dirname(lock), { recursive: true })
  while (!(await taken(lock))) await new Promise((resolve) => setTimeout(resolve, 200))
  try {
    const built = await newest(join(studioFolder, 'dist'))
    const sources = await Promise.all(
      ['src', 'public', 'index.html', 'vite.config.ts', '../feedback/src'].map((path) =>
        newest(join(studioFolder, path)),
      ),
    )
    if (built > Math.max(...sources)) return
    await buildForProduction()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

/** Vite asks the environment whether it builds for production, and tests run in another. */
async function buildForProduction(): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    await build({ root: studioFolder, mode: 'production', logLevel: 'error' })
  } finally {
    process.env.NODE_ENV = before
  }
}

/** Whether the lock is ours now; one that is older than any build takes was left behind. */
async function taken(path: string): Promise<boolean> {
  const made = await mkdir(path).then(
    () => true,
    () => false,
  )
  const age = made ? 0 : Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
  if (age > longestBuild) await rm(path, { recursive: true, force: true })
  return made
}

/** When the newest file at a path was written; 0 when there is none. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  const times = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))))
  return Math.max(0, ...times)
}

/** A headless browser that talks to nobody but the studio. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags })
}

const smallModel = 'sotu-4m'

/** `attune studio` in a folder of its own. */
export interface Studio {
  readonly url: string
  readonly stop: () => Promise<void>
}

/**
 * Starts `attune studio` on a free port with the small model, in a new folder or in `home`, which is kept; with a sample
 * project only when asked.
 */
export async function startStudio({
  sample = false,
  home: given,
  prepare,
}: {
  sample?: boolean
  home?: string
  /** Puts things into the folder before the server reads it. */
  prepare?: (home: string) => Promise<void>
} = {}): Promise<Studio> {
  const home = given ?? (await mkdtemp(join(tmpdir(), 'attune-studio-')))
  if ((await newest(join(home, 'models'))) === 0) {
    // the shipped model alone: what else lies in models/ is large, and newer
    await cp(join(root, 'models', smallModel), join(home, 'models', smallModel), { recursive: true })
    await mkdir(join(home, 'recipes'))
    await cp(join(root, 'recipes'), join(home, 'recipes'), {
      recursive: true,
      filter: (path) => sample || !path.includes('quickstart/'),
    })
  }
  await prepare?.(home)
  const program = join(root, 'packages/cli/bin/attune.js')
  const child = spawn(process.execPath, [program, 'studio', '--port', '0', '--no-open'], { cwd: home })
  const url = await listening(child)
  return {
    url,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      if (!given) await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
    },
  }
}

/** A studio with a browser for the tests of one file: `you` are at its window, `admin` calls its API beside. */
export interface StudioInBrowser {
  readonly studio: Studio
  readonly browser: Browser
  readonly you: BrowserContext
  readonly admin: Person
  readonly close: () => Promise<void>
}

/** Builds and starts a studio, and opens a browser. */
export async function studioInBrowser(
  options: Parameters<typeof startStudio>[0] = {},
): Promise<StudioInBrowser> {
  await buildStudio()
  const [studio, browser] = await Promise.all([startStudio(options), openBrowser()])
  const you = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
  const admin = await person(studio, (await browser.newContext()).request)
  const close = async () => {
    await browser.close()
    await studio.stop()
  }
  return { studio, browser, you, admin, close }
}

/** The address that the server prints once it listens. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stderr!.on('data', (data: Buffer) => {
      output += data
      const url = /studio: (http:\/\/\S+)/.exec(output)?.[1]
      if (url) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`attune studio ended with ${code}: ${output}`)))
  })
}

/** Calls the API as one person. */
export interface Person {
  readonly get: <Answer>(path: string) => Promise<Answer>
  readonly post: <Answer>(path: string, data?: object) => Promise<Answer>
}

/** A person over their own cookies: the one on this machine, or the one of a name. */
export async function person({ url }: Studio, request: APIRequestContext, name?: string): Promise<Person> {
  const session = await (await request.get(`${url}/api/session`)).json()
  let { csrf } = session as { csrf: string }
  const post = async <Answer>(path: string, data: object = {}) => {
    const answer = await request.post(url + path, { data, headers: { 'x-attune-csrf': csrf, origin: url } })
    if (!answer.ok()) throw new Error(`POST ${path}: ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  if (name) csrf = (await post<{ csrf: string }>('/api/login', { name })).csrf
  return { post, get: async (path) => (await request.get(url + path)).json() }
}
