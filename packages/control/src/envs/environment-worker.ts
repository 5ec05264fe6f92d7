import { parentPort, workerData } from 'node:worker_threads'
import { makeEnvironment } from './make.ts'
import { vectorise } from './vector.ts'
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './worker-calls.ts'

const { id, options, count } = workerData as WorkerTask
const environments = vectorise(Array.from({ length: count }, () => () => makeEnvironment(id, options)))
environments.catch(() => {}) // told to whoever asks first

async function answerTo({ number, call, argument }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const ask = (await environments)[call] as (argument: unknown) => Promise<unknown>
    return { number, answer: await ask(argument) }
  } catch (cause) {
    return { number, error: cause as Error }
  }
}

parentPort!.on('message', async (request: WorkerRequest) => parentPort!.postMessage(await answerTo(request)))
