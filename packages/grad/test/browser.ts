import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'

/** Command of an installed Chromium. */
export const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (command) => spawnSync(command, ['--version']).status === 0,
)

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
]

/** Bundles a script for browsers, opens it in a page of a headless Chromium and returns what it posts to `/result`. */
export async function runInBrowser(script: string): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'attune-chromium-'))
  const bundle = await bundled(script)
  const { server, result } = serve(bundle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const child = spawn(browser!, [...flags, `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a process group of its own, so that all its processes can be ended
  })
  try {
    return await Promise.race([result, endOf(child)])
  } finally {
    if (child.exitCode === null) {
      process.kill(-child.pid!, 'SIGKILL')
      await once(child, 'exit')
    }
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function bundled(script: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['source'],
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}

/** Serves the page, its script and ONNX Runtime's WebAssembly; resolves with the page's result. */
function serve(bundle: string): { server: Server; result: Promise<unknown> } {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/webgpu'))
  let finish: (result: unknown) => void
  const result = new Promise((resolve) => {
    finish = resolve
  })
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    const send = (type: string, body: string | Buffer) => {
      response.setHeader('content-type', type)
      response.end(body)
    }
    if (path === '/') send('text/html', '<!doctype html><script type="module" src="/page.js"></script>')
    else if (path === '/page.js') send('text/javascript', bundle)
    else if (path.endsWith('.wasm')) send('application/wasm', readFileSync(join(runtime, basename(path))))
    else if (path === '/result') {
      finish(JSON.parse(await textOf(request)))
      send('text/plain', '')
    } else response.writeHead(404).end()
  })
  return { server, result }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Rejects with what the browser wrote when it ends before the page has answered. */
function endOf(child: ChildProcess): Promise<never> {
  let log = ''
  child.stderr!.on('data', (chunk) => {
    log += chunk
  })
  return new Promise((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the browser ended with code ${code}: ${log.slice(-2000)}`)))
  })
}
