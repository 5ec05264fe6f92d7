/** The process that holds models: it answers the requests of its parent one after the other. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { cpu } from '@attune/grad'
import { complete, InvalidRequest, scores } from './complete.ts'
import { judged } from './judge.ts'
import { loadedModels } from './loaded.ts'
import type { FromWorker, ToWorker, WorkerEvent, WorkerRequest } from './messages.ts'

const threads = Number(process.env.ATTUNE_INFERENCE_THREADS) || undefined
const loaded = loadedModels({ device: cpu(threads ? { threads } : {}) })
const cancelled = new Set<number>()
let before = Promise.resolve()

process.on('message', (message: ToWorker) => {
  if ('cancel' in message) {
    cancelled.add(message.id)
    return
  }
  before = before.then(() => answer(message))
})
process.on('disconnect', () => process.exit(0))
// the terminal's Ctrl-C reaches the whole group; the server decides when its worker ends
process.on('SIGINT', () => {})

async function answer({ id, request }: { id: number; request: WorkerRequest }): Promise<void> {
  const say = (event: WorkerEvent) => process.send!({ id, event } satisfies FromWorker)
  try {
    for await (const event of eventsOf(request, () => cancelled.has(id))) say(event)
    say({ type: 'done' })
  } catch (cause) {
    say({ type: 'error', message: (cause as Error).message, invalid: cause instanceof InvalidRequest })
  }
  cancelled.delete(id)
}

async function* eventsOf(request: WorkerRequest, isCancelled: () => boolean): AsyncGenerator<WorkerEvent> {
  if (isCancelled()) return
  const model = await loaded(request.model)
  if (request.op === 'score') {
    yield { type: 'scores', scores: await scores(model, request) }
    return
  }
  if (request.op === 'judge') {
    yield { type: 'scores', scores: await judged(model, request) }
    return
  }
  for await (const event of complete(model, request)) {
    yield event
    await nextTurn() // ONNX Runtime keeps the thread: let messages in and out between tokens
    if (isCancelled()) return
  }
}
