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
  readonly child: ChildProcess
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
      fail(child, 'the inference process ended; ask again')
    })
    child.on('error', ({ message }) => {
      if (worker === child && child.pid === undefined) worker = undefined // it never began
      fail(child, `the inference process: ${message}; ask again`)
    })
    return child
  }
  const fail = (child: ChildProcess, message: string) => {
    for (const [id, entry] of waiting)
      if (entry.child === child) tell(id, { type: 'error', message, invalid: false })
  }
  const send = (child: ChildProcess, message: ToWorker) => {
    if (!child.connected) return fail(child, 'the inference process could not be reached; ask again')
    child.send(message, (cause) => cause && fail(child, `the inference process: ${cause.message}; ask again`))
  }
  const tell = (id: number, event: WorkerEvent) => {
    const entry = waiting.get(id)
    entry?.events.push(event)
    entry?.wake()
  }

  async function* ask(request: WorkerRequest): AsyncGenerator<WorkerEvent> {
    if (waiting.size >= mostWaiting)
      throw new WorkerUnavailable(`${waiting.size} requests are waiting for the models; try again later`)
    if (!worker?.connected) worker = start() // one that has disconnected is about to exit
    const child = worker
    const id = next++
    const entry: Waiting = { child, events: [], wake: () => {} }
    waiting.set(id, entry)
    send(child, { id, request })
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
      if (!finished) send(child, { id, cancel: true })
    }
  }

  const close = async () => {
    const child = worker
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.connected) child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), 2000)
    await gone
    clearTimeout(late)
  }
  return { ask, close }
}

const workerFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
)
