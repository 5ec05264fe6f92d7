import { parentPort, workerData } from 'node:worker_threads'
import { makeEnvironment } from './make.ts'
import { vectorise } from './vector.ts'
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './worker-calls.ts'

const { id, options, count } = workerData as WorkerTask
const environments = vectorise(Array.from({ length: count }, () => () => makeEnvironment(id, options)))
environments.catch(() => {}) // told to whoever asks first

async function answerTo({ call, argument }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const ask = (await environments)[call] as (argument: unknown) => Promise<unknown>
    return { answer: await ask(argument) }
  } catch (cause) {
    return { error: (cause as Error).message }
  }
}

parentPort!.on('message', async (request: WorkerRequest) => parentPort!.postMessage(await answerTo(request)))
