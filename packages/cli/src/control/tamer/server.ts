import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { type LocalServer, localServer, readBody, send, sendPage } from '../page/local-server.ts'
import type { LiveTrainer } from './live.ts'
import { type TamerPage, tamerPage } from './page.ts'

const signalSchema = z.strictObject({
  id: z.string().min(1).max(100),
  value: z.number().min(-1).max(1),
  /** Seconds since the key was pressed. */
  ago: z.number().min(0),
})
const paceSchema = z.strictObject({
  faster: z.number().positive().optional(),
  paused: z.boolean().optional(),
})

/** Serves the page at which a person trains, on the loopback address; 0 takes any free port. */
export function tamerServer(live: LiveTrainer, page: TamerPage, port: number): Promise<LocalServer> {
  const refuse = (response: ServerResponse, { issues }: z.ZodError) => {
    const { path, message } = issues[0]!
    send(response, 400, { error: `${path.join('.') || 'the body'}: ${message}` })
  }
  return localServer(port, {
    'GET /': (_, response) => sendPage(response, tamerPage(page)),
    'GET /api/events': (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      const end = live.listen((event) => {
        response.write(`data: ${JSON.stringify(event)}\n\n`)
        if (event.kind === 'end') response.end()
      })
      request.on('close', end)
    },
    'POST /api/signals': async (request, response) => {
      const parsed = signalSchema.safeParse(await readBody(request))
      if (!parsed.success) return refuse(response, parsed.error)
      await live.give(parsed.data) // on the disk before it is acknowledged
      send(response, 200, { ok: true })
    },
    'POST /api/pace': async (request, response) => {
      const parsed = paceSchema.safeParse(await readBody(request))
      if (!parsed.success) return refuse(response, parsed.error)
      const { faster, paused } = parsed.data
      live.setPace({ ...(faster !== undefined && { faster }), ...(paused !== undefined && { paused }) })
      send(response, 200, { ok: true })
    },
    'POST /api/stop': (_, response) => {
      live.stop()
      send(response, 200, { ok: true })
    },
  })
}
