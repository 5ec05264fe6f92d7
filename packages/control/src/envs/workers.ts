import { Worker } from 'node:worker_threads'
import { type EnvironmentOptions, makeEnvironment } from './make.ts'
import { spaceSize } from './space.ts'
import {
  checkActions,
  checkState,
  type VectorEnvironment,
  type VectorState,
  type VectorStep,
} from './vector.ts'
import type { WorkerAnswer, WorkerCalls, WorkerRequest, WorkerTask } from './worker-calls.ts'

/** How many environments, on how many threads. */
export interface WorkerOptions extends EnvironmentOptions {
  readonly count: number
  readonly workers: number
  readonly seed?: number
}

/**
 * `count` environments of one kind spread over worker threads: what `vectorise` makes, to the same bits, for environments whose
 * step takes longer than the message to a thread (some 50 µs): MuJoCo's. `close` ends the threads, whatever became of them; when
 * one has ended before, every call says so.
 */
export async function vectoriseInWorkers(
  id: string,
  { count, workers, seed = 0, ...options }: WorkerOptions,
): Promise<VectorEnvironment> {
  checkNumbers(count, workers)
  const { observationSpace, actionSpace, close } = await makeEnvironment(id, options)
  close?.()
  const shares = sharesOf(count, workers).map((share) => ({
    ...share,
    ...thread({ id, options, count: share.size }),
  }))
  const everywhere = askEverywhere(shares)
  const kind = { id, count, observationSpace, actionSpace }
  const actionSize = spaceSize(actionSpace)
  let seeded = false
  return {
    ...kind,
    reset: async (newSeed) => {
      const chosen = newSeed ?? (seeded ? undefined : seed)
      seeded = true
      return joined(
        await everywhere('reset', ({ from }) => (chosen === undefined ? undefined : chosen + from)),
      )
    },
    step: async (actions) => {
      checkActions(actions, kind)
      const parts = await everywhere('step', ({ from, size }) =>
        actions.slice(from * actionSize, (from + size) * actionSize),
      )
      return joinedSteps(parts, shares)
    },
    state: async () => joinedStates(await everywhere('state', () => undefined)),
    restore: async (state) => {
      checkState(state, kind)
      seeded = true
      return joined(await everywhere('restore', (share) => partOfState(state, share)))
    },
    close: closing(shares),
  }
}

function checkNumbers(count: number, workers: number): void {
  if (!(Number.isInteger(count) && count >= 1))
    throw new RangeError(`count is ${count}, expected a whole number of environments from 1`)
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= count))
    throw new RangeError(
      `workers is ${workers}, expected a whole number from 1 to ${count} (the number of environments)`,
    )
}

/** Environments `from` … `from + size − 1`. */
interface Share {
  readonly from: number
  readonly size: number
}

function sharesOf(count: number, workers: number): Share[] {
  return Array.from({ length: workers }, (_, i) => {
    const from = Math.floor((i * count) / workers)
    return { from, size: Math.floor(((i + 1) * count) / workers) - from }
  })
}

/** Asks all threads at once and waits for all of them, also when one has failed: no answer is left on its way. */
function askEverywhere(shares: readonly (Share & Thread)[]) {
  return async <Call extends keyof WorkerCalls>(
    call: Call,
    argument: (share: Share) => WorkerCalls[Call]['argument'],
  ): Promise<WorkerCalls[Call]['answer'][]> => {
    const asked = shares.map((share) => share.ask(call, argument(share)))
    await Promise.allSettled(asked)
    return Promise.all(asked)
  }
}

/** Closes the environments, once, and ends the threads, also those whose environments could not be closed. */
function closing(shares: readonly (Share & Thread)[]): () => Promise<void> {
  let closed: Promise<void> | undefined
  const close = async () => {
    try {
      await askEverywhere(shares)('close', () => undefined)
    } finally {
      await Promise.all(shares.map((share) => share.end()))
    }
  }
  return () => {
    closed ??= close()
    return closed
  }
}

/** A thread that answers questions; those that it cannot answer any more, because it has ended, are rejected. */
interface Thread {
  readonly ask: <Call extends keyof WorkerCalls>(
    call: Call,
    argument: WorkerCalls[Call]['argument'],
  ) => Promise<WorkerCalls[Call]['answer']>
  readonly end: () => Promise<unknown>
}

function thread(task: WorkerTask): Thread {
  const worker = startWorker(task)
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (cause: Error) => void }>()
  let failed: Error | undefined
  let asked = 0
  const fail = (cause: Error) => {
    failed ??= cause
    for (const { reject } of waiting.values()) reject(failed)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', (code) =>
    fail(new Error(`${task.id}: the environments' thread has ended (code ${code})`)),
  )
  worker.on('message', (message: WorkerAnswer) => {
    const question = waiting.get(message.number)
    waiting.delete(message.number)
    if ('error' in message) question?.reject(message.error)
    else question?.resolve(message.answer as never)
  })
  return {
    ask: (call, argument) =>
      new Promise((resolve, reject) => {
        if (failed) throw failed
        const number = asked++
        worker.postMessage({ number, call, argument } satisfies WorkerRequest)
        waiting.set(number, { resolve, reject })
      }),
    end: () => worker.terminate(),
  }
}

/** The worker of a published package is JavaScript; in a clone it is TypeScript, which its thread must first learn to read. */
function startWorker(workerData: WorkerTask): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./environment-worker.js', import.meta.url), { workerData })
  const [api, source] = [
    import.meta.resolve('tsx/esm/api'),
    new URL('./environment-worker.ts', import.meta.url).href,
  ]
  const start = `import(${JSON.stringify(api)}).then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(start, { eval: true, workerData, execArgv: ['--conditions=source'] })
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]))
}

function joinedSteps(parts: readonly VectorStep[], shares: readonly Share[]): VectorStep {
  const bytes = (name: 'terminated' | 'truncated') =>
    Uint8Array.from(parts.flatMap((part) => [...part[name]]))
  return {
    observations: joined(parts.map(({ observations }) => observations)),
    rewards: joined(parts.map(({ rewards }) => rewards)),
    terminated: bytes('terminated'),
    truncated: bytes('truncated'),
    ended: parts.flatMap(({ ended }, i) =>
      ended.map((episode) => ({ ...episode, index: episode.index + shares[i]!.from })),
    ),
    infos: parts.flatMap(({ infos }) => infos),
  }
}

function joinedStates(parts: readonly VectorState[]): VectorState {
  return {
    id: parts[0]!.id,
    environments: parts.flatMap(({ environments }) => environments),
    observations: parts.flatMap(({ observations }) => observations),
    returns: parts.flatMap(({ returns }) => returns),
    steps: parts.flatMap(({ steps }) => steps),
  }
}

function partOfState(state: VectorState, { from, size }: Share): VectorState {
  const to = from + size
  return {
    id: state.id,
    environments: state.environments.slice(from, to),
    observations: state.observations.slice(from, to),
    returns: state.returns.slice(from, to),
    steps: state.steps.slice(from, to),
  }
}
