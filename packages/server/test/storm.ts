import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { buildSync } from 'esbuild'
import { type Browser, root } from './harness.ts'

/** A server in a process of its own. */
export interface ServedProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Ends it as a power cut would, as far as the process goes. */
  readonly kill: () => Promise<void>
}

let script = ''

/** `serve.ts` in one file, so that a server starts in a moment; beside the packages that it loads. */
function serverScript(): string {
  const outfile = join(root, `node_modules/.cache/attune/serve-${process.pid}.mjs`)
  buildSync({
    entryPoints: [join(root, 'packages/server/test/serve.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    external: ['pg', '@photostructure/sqlite', 'onnxruntime-node', 'onnxruntime-web', '@node-rs/argon2'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile,
  })
  return outfile
}

/** Loads `serve.ts` in a process that waits; the returned function lets it start and waits until it listens. */
export function standby(folder: string, store?: string): () => Promise<ServedProcess> {
  script ||= serverScript()
  const child = spawn(process.execPath, [script, folder, '0', ...(store ? [store] : [])], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return async () => {
    child.stdin!.write('start\n')
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout!.once('data', (line) => resolve(String(line).trim()))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
    return {
      port: Number(new URL(url).port),
      child,
      kill: async () => {
        child.kill('SIGKILL')
        await gone
      },
    }
  }
}

/** Starts `serve.ts` and waits until it listens. */
export function serveProcess(folder: string, store?: string): Promise<ServedProcess> {
  return standby(folder, store)()
}

/** What one annotator does until the server is gone: claims, answers, delivers some answers twice. Acknowledged ids by key go into `acknowledged`. */
export async function annotate(
  { call }: Browser,
  {
    project,
    name,
    acknowledged,
    latencies = [],
    pause = 0,
  }: {
    project: string
    name: string
    acknowledged: Map<string, string>
    /** Milliseconds of each claim and its judgment together. */
    latencies?: number[]
    /** Mean seconds that the annotator thinks before each claim. */
    pause?: number
  },
): Promise<'empty' | 'gone'> {
  for (let n = 0; ; n++) {
    try {
      if (pause > 0) await wait(2000 * pause * Math.random())
      const began = performance.now()
      const { json: claim, status } = await call('POST', `/api/projects/${project}/claim`, {})
      if (status !== 200) throw new Error(`claim: ${status} ${JSON.stringify(claim)}`)
      if (!claim.lease) return 'empty'
      const key = `${name}-${n}-${claim.item.id}`
      const body = {
        key,
        lease: claim.lease.id,
        item: claim.item.id,
        judgment: { kind: 'comparison', preferred: n % 2 },
      }
      const sent = await call('POST', `/api/projects/${project}/judgments`, body)
      if (sent.status !== 201) throw new Error(`judgment: ${sent.status} ${sent.text}`)
      acknowledged.set(key, sent.json.judgment.id)
      latencies.push(performance.now() - began)
      if (n % 5 === 0) await call('POST', `/api/projects/${project}/judgments`, body)
    } catch (cause) {
      if (/fetch failed|terminated|other side closed/.test((cause as Error).message)) return 'gone'
      throw cause
    }
  }
}

/** Ids of a project's judgments, each as often as it is listed. */
export async function storedIds({ call }: Browser, project: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path = `/api/projects/${project}/judgments?limit=500${cursor ? `&cursor=${cursor}` : ''}`
    const page = (await call('GET', path)).json as unknown as {
      items: { id: string }[]
      nextCursor: string | null
    }
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return ids
}
