import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
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

/** Builds the pages as they are served. */
export async function buildStudio(): Promise<void> {
  await build({ root: join(root, 'packages/studio'), logLevel: 'error' })
}

/** A headless browser that talks to nobody but the studio. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags })
}

/** `attune studio` in a folder of its own. */
export interface Studio {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts `attune studio` on a free port with the small model; with a sample project only when asked. */
export async function startStudio({ sample = false } = {}): Promise<Studio> {
  const home = await mkdtemp(join(tmpdir(), 'attune-studio-'))
  await cp(join(root, 'models'), join(home, 'models'), { recursive: true })
  await mkdir(join(home, 'recipes'))
  await cp(join(root, 'recipes'), join(home, 'recipes'), {
    recursive: true,
    filter: (path) => sample || !path.includes('quickstart/'),
  })
  const program = join(root, 'packages/cli/bin/attune.js')
  const child = spawn(process.execPath, [program, 'studio', '--port', '0', '--no-open'], { cwd: home })
  const url = await listening(child)
  return {
    url,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
    },
  }
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
