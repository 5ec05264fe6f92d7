import { join } from 'node:path'
import type { Context } from 'hono'
import { notFound } from '../http/api-error.ts'
import { type Caller, sees } from '../http/caller.ts'
import type { Handlers } from '../http/handler.ts'
import { identify } from '../http/identify.ts'
import { liveStream, pause } from '../http/sse.ts'
import { recentProgress } from '../labelling/progress.ts'
import { logTail } from '../runs/tail.ts'
import type { Services } from '../services.ts'
import { namedProgress } from './projects.ts'

/** Milliseconds between looks at a run's logs. */
const look = 500

/** Live events of projects and runs. */
export function liveHandlers(services: Services): Pick<Handlers, 'events' | 'runEvents'> {
  const { events, runs, store } = services
  const progressOf = recentProgress(store)
  const whoAsks = identify(services)
  /** A stream's rights are those of its beginning; with others it begins anew. */
  const staying = (c: Context, caller: Caller) => ({
    mayStay: async () => rightsOf(await whoAsks(c, caller.address)) === rightsOf(caller),
  })
  return {
    events: (_, caller, c) =>
      liveStream(c, staying(c, caller), async (send, signal) => {
        const changed = new Map<string, 'run' | 'project'>()
        const stop = events.listen((event) => {
          changed.set(event.type === 'run' ? event.name : event.id, event.type)
        })
        try {
          while (!signal.aborted) {
            const now = [...changed]
            changed.clear()
            for (const [key, type] of now) {
              if (type === 'project' && sees(caller, key))
                await send('project', {
                  id: key,
                  progress: await namedProgress(await progressOf(key), services, caller),
                })
              const run = type === 'run' ? await runs.get(key).catch(() => null) : null
              if (run && (!run.project || sees(caller, run.project)))
                await send('run', { name: run.name, state: run.state })
            }
            await pause(1000, signal)
          }
        } finally {
          stop()
        }
      }),
    runEvents: async ({ params: { name } }, caller, c) => {
      const first = await runs.get(name)
      if (first.project && !sees(caller, first.project)) throw notFound(`the run '${name}'`)
      return liveStream(c, staying(c, caller), async (send, signal) => {
        const tails = new Map<string, ReturnType<typeof logTail>>()
        let last = ''
        while (!signal.aborted) {
          const run = await runs.get(name)
          for (const { name: stage } of run.stages) {
            for (const [event, file] of [
              ['metrics', 'metrics.jsonl'],
              ['sample', 'samples.jsonl'],
            ] as const) {
              const key = join(stage, file)
              const tail = tails.get(key) ?? logTail(join(runs.folder, name, stage, file))
              tails.set(key, tail)
              const { lines, restarted } = await tail()
              if (restarted) await send('restart', { stage })
              for (const line of lines) await send(event, { stage, row: JSON.parse(line) })
            }
          }
          const state = JSON.stringify(run)
          if (state !== last) await send('run', run)
          last = state
          await pause(look, signal)
        }
      })
    },
  }
}

function rightsOf({ account }: Caller): string {
  return JSON.stringify(account && [account.id, account.role, account.projects])
}
