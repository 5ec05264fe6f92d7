import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromWorker, ToWorker, WorkerEvent, WorkerRequest } from './messages.ts'

/** A request that the worker refused; the message says why. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest'
}

/** The worker is gone or has too much to do. */
export class WorkerUnavailable extends Error {
  override readonly name = 'WorkerUnavailable'
}

/** Models behind a process boundary: asking never blocks this process. */
export interface Inference {
  /** Events of a request in order; leaving the loop cancels it. Throws RefusedRequest or WorkerUnavailable. */
  readonly ask: (request: WorkerRequest) => AsyncGenerator<WorkerEvent>
  readonly close: () => Promise<void>
}

export interface InferenceOptions {
  /** Threads of ONNX Runtime; default all. */
  readonly threads?: number | undefined
  /** Requests that may wait. */
  readonly mostWaiting?: number
  /** Folder that model folders are relative to. */
  readonly folder: string
}

interface Waiting {
  readonly events: WorkerEvent[]
  wake: () => void
}

/** Starts a worker when the first request comes, and another when one has died. */
export function inference({ threads, mostWaiting = 32, folder }: InferenceOptions): Inference {
  const waiting = new Map<number, Waiting>()
  let worker: ChildProcess | undefined
  let next = 0

  const start = (): ChildProcess => {
    const child = fork(workerFile, {
      execArgv: workerFile.endsWith('.ts')
        ? ['--conditions=source', '--import', import.meta.resolve('tsx')]
        : [],
      serialization: 'advanced',
      cwd: folder,
      env: { ...process.env, ...(threads ? { ATTUNE_INFERENCE_THREADS: String(threads) } : {}) },
    })
    child.on('message', ({ id, event }: FromWorker) => tell(id, event))
    child.on('exit', () => {
      if (worker === child) worker = undefined
      for (const id of waiting.keys())
        tell(id, { type: 'error', message: 'the inference process ended; ask again', invalid: false })
    })
    return child
  }
  const tell = (id: number, event: WorkerEvent) => {
    const entry = waiting.get(id)
    entry?.events.push(event)
    entry?.wake()
  }

  async function* ask(request: WorkerRequest): AsyncGenerator<WorkerEvent> {
    if (waiting.size >= mostWaiting)
      throw new WorkerUnavailable(`${waiting.size} requests are waiting for the models; try again later`)
    worker ??= start()
    const child = worker
    const id = next++
    const entry: Waiting = { events: [], wake: () => {} }
    waiting.set(id, entry)
    child.send({ id, request } satisfies ToWorker)
    let finished = false
    try {
      for (;;) {
        while (entry.events.length === 0) await new Promise<void>((wake) => (entry.wake = wake))
        const event = entry.events.shift()!
        finished = event.type === 'done' || event.type === 'error'
        if (event.type === 'error')
          throw event.invalid ? new RefusedRequest(event.message) : new WorkerUnavailable(event.message)
        if (event.type === 'done') return
        yield event
      }
    } finally {
      waiting.delete(id)
      if (!finished && child.connected) child.send({ id, cancel: true } satisfies ToWorker)
    }
  }

  const close = async () => {
    const child = worker
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), 2000)
    await gone
    clearTimeout(late)
  }
  return { ask, close }
}

const workerFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
)
