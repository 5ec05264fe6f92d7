import { Worker } from 'node:worker_threads'
import { type EnvironmentOptions, makeEnvironment } from './make.ts'
import { spaceSize } from './space.ts'
import type { VectorEnvironment, VectorState, VectorStep } from './vector.ts'
import type { WorkerAnswer, WorkerCalls, WorkerRequest, WorkerTask } from './worker-calls.ts'

/** How many environments, on how many threads. */
export interface WorkerOptions extends EnvironmentOptions {
  readonly count: number
  readonly workers: number
  readonly seed?: number
}

/**
 * `count` environments of one kind spread over worker threads: what `vectorise` makes, to the same bits, for environments whose
 * step takes longer than the message to a thread (some 50 µs): MuJoCo's. `close` ends the threads.
 */
export async function vectoriseInWorkers(
  id: string,
  { count, workers, seed = 0, ...options }: WorkerOptions,
): Promise<VectorEnvironment> {
  if (!(workers >= 1 && workers <= count))
    throw new RangeError(`workers is ${workers}, expected 1 to ${count} (the number of environments)`)
  const example = await makeEnvironment(id, options)
  const { observationSpace, actionSpace } = example
  example.close?.()
  const shares = sharesOf(count, workers).map((share) => ({
    ...share,
    ...thread({ id, options, count: share.size }),
  }))
  const everywhere = <Call extends keyof WorkerCalls>(
    call: Call,
    argument: (share: Share) => WorkerCalls[Call]['argument'],
  ) => Promise.all(shares.map((share) => share.ask(call, argument(share))))
  const actionSize = spaceSize(actionSpace)
  let seeded = false
  return {
    id,
    count,
    observationSpace,
    actionSpace,
    reset: async (newSeed) => {
      const chosen = newSeed ?? (seeded ? undefined : seed)
      seeded = true
      return joined(
        await everywhere('reset', ({ from }) => (chosen === undefined ? undefined : chosen + from)),
      )
    },
    step: async (actions) => {
      const parts = await everywhere('step', ({ from, size }) =>
        actions.slice(from * actionSize, (from + size) * actionSize),
      )
      return joinedSteps(parts, shares)
    },
    state: async () => joinedStates(await everywhere('state', () => undefined)),
    restore: async (state) => {
      if (state.environments.length !== count)
        throw new RangeError(
          `the saved state has ${state.environments.length} environments, there are ${count} of ${id}`,
        )
      seeded = true
      return joined(await everywhere('restore', (share) => partOfState(state, share)))
    },
    close: async () => {
      await everywhere('close', () => undefined)
      await Promise.all(shares.map((share) => share.end()))
    },
  }
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

/** A thread that answers one question after another. */
function thread(task: WorkerTask) {
  const worker = startWorker(task)
  worker.setMaxListeners(0)
  const ask = <Call extends keyof WorkerCalls>(
    call: Call,
    argument: WorkerCalls[Call]['argument'],
  ): Promise<WorkerCalls[Call]['answer']> =>
    new Promise((resolve, reject) => {
      const failed = (cause: Error) => reject(cause)
      worker.once('error', failed)
      worker.once('message', (message: WorkerAnswer) => {
        worker.off('error', failed)
        if ('error' in message) reject(new Error(message.error))
        else resolve(message.answer as WorkerCalls[Call]['answer'])
      })
      worker.postMessage({ call, argument } satisfies WorkerRequest)
    })
  return { ask, end: () => worker.terminate() }
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
    environments: parts.flatMap(({ environments }) => environments),
    observations: parts.flatMap(({ observations }) => observations),
    returns: parts.flatMap(({ returns }) => returns),
    steps: parts.flatMap(({ steps }) => steps),
  }
}

function partOfState(state: VectorState, { from, size }: Share): VectorState {
  const to = from + size
  return {
    environments: state.environments.slice(from, to),
    observations: state.observations.slice(from, to),
    returns: state.returns.slice(from, to),
    steps: state.steps.slice(from, to),
  }
}
