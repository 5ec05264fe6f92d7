import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Browser, browser, root } from './harness.ts'

/** A server in a process of its own. */
export interface ServedProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Ends it as a power cut would, as far as the process goes. */
  readonly kill: () => Promise<void>
}

/** Starts `serve.ts` and waits until it listens. */
export async function serveProcess(folder: string, store?: string): Promise<ServedProcess> {
  const args = [
    '--conditions=source',
    '--import',
    'tsx',
    join(root, 'packages/server/test/serve.ts'),
    folder,
    '0',
  ]
  const child = spawn(process.execPath, [...args, ...(store ? [store] : [])], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
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

/** What one annotator does until the server is gone: claims, answers, delivers some answers twice. Acknowledged ids by key go into `acknowledged`. */
export async function annotate(
  { call }: Browser,
  {
    project,
    name,
    acknowledged,
    latencies = [],
  }: { project: string; name: string; acknowledged: Map<string, string>; latencies?: number[] },
): Promise<'empty' | 'gone'> {
  for (let n = 0; ; n++) {
    try {
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

export { browser }
