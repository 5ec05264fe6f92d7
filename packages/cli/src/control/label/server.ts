import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newId, type PersonAnnotator } from '@attune/feedback'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import type { ClipFolder, Label, Query } from './clip-folder.ts'
import { labelPage } from './page.ts'
import { inForce, openQueries } from './queue.ts'

const answerSchema = z.strictObject({
  item: z.string().min(1),
  answer: z.enum(['left', 'right', 'tie', 'skip']),
  seconds: z.number().nonnegative(),
})

/** What the page asks for and who answers. */
export interface LabelServerOptions {
  readonly annotator: PersonAnnotator
  readonly question: string
  /** 0 takes any free one. */
  readonly port: number
}

/** Serves the labelling page of a folder on the loopback address. */
export async function labelServer(
  folder: ClipFolder,
  options: LabelServerOptions,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const broken = new Set<string>()
  const server = createServer((request, response) => {
    respond(request, response).catch((cause: Error) => send(response, 500, { error: cause.message }))
  })
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { port } = server.address() as AddressInfo
    // A page elsewhere must not reach this one through a name that points here.
    if (!isLocal(request, port)) return send(response, 403, { error: 'only this page may ask' })
    const route = `${request.method} ${request.url}`
    if (route === 'GET /') return sendPage(response, labelPage(options.question))
    if (route === 'GET /api/next') return send(response, 200, await nextQuery(folder, broken))
    if (route === 'POST /api/labels') {
      const parsed = answerSchema.safeParse(await readBody(request))
      if (!parsed.success) return send(response, 400, { error: parsed.error.issues[0]!.message })
      const query = (await folder.queries()).find(({ item }) => item === parsed.data.item)
      if (!query) return send(response, 404, { error: `there is no pair '${parsed.data.item}'` })
      await folder.label(labelOf(query, parsed.data, options.annotator)) // on the disk before it is acknowledged
      return send(response, 200, await nextQuery(folder, broken))
    }
    if (route === 'POST /api/undo') {
      const last = inForce(await folder.labels()).at(-1)
      if (last?.id) await folder.label(retraction(last.id, last.item, options.annotator))
      return send(response, 200, await nextQuery(folder, broken, last?.item))
    }
    send(response, 404, { error: `there is no ${route}` })
  }
  const port = await listen(server, options.port)
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The next pair whose clips are both there, the item `first` before others; how many wait and are done. */
async function nextQuery(folder: ClipFolder, broken: Set<string>, first?: string): Promise<object> {
  const [queries, labels] = [await folder.queries(), await folder.labels()]
  const open = openQueries(queries, labels).sort(
    (a, b) => Number(b.item === first) - Number(a.item === first),
  )
  const closed = inForce(labels)
  const counts = {
    answered: closed.filter(({ kind }) => kind === 'clip-comparison').length,
    skipped: closed.filter(({ kind }) => kind === 'flag').length,
  }
  for (const query of open) {
    if (broken.has(query.item)) continue
    const shown = await Promise.all(sides(query).map((id) => folder.shown(id)))
    if (shown.every(Boolean))
      return { item: query.item, clips: shown, ...counts, waiting: open.length - broken.size }
    broken.add(query.item)
  }
  return { ...counts, waiting: 0, gone: broken.size }
}

/** The clips as they stand on the page; which is left is decided by the item's name, so that order says nothing. */
function sides({ item, clips }: Query): readonly string[] {
  let hash = 0
  for (let i = 0; i < item.length; i++) hash = (Math.imul(hash, 31) + item.charCodeAt(i)) | 0
  return (hash ^ (hash >>> 15)) & 1 ? [clips[1], clips[0]] : clips
}

function labelOf(
  query: Query,
  { answer, seconds }: z.output<typeof answerSchema>,
  annotator: PersonAnnotator,
): Label {
  const swapped = sides(query)[0] !== query.clips[0]
  const record = {
    id: newId(),
    item: query.item,
    annotator,
    time: new Date().toISOString(),
    protocol: 'clips-1',
    durationSeconds: seconds,
    shown: swapped ? [1, 0] : [0, 1],
  }
  if (answer === 'skip') return { kind: 'flag', ...record, reason: 'skipped' }
  const preferred = answer === 'tie' ? 'tie' : (answer === 'left') === swapped ? 1 : 0
  return { kind: 'clip-comparison', ...record, clips: query.clips, preferred }
}

function retraction(supersedes: string, item: string, annotator: PersonAnnotator): Label {
  const time = new Date().toISOString()
  return { kind: 'retraction', id: newId(), item, annotator, time, protocol: 'clips-1', supersedes }
}

function isLocal({ headers, method }: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const fromPage = headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`)
  return hosts.includes(headers.host ?? '') && (method === 'GET' || fromPage)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) {
    text += part
    if (text.length > 10_000) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
  })
  response.end(html)
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new UserError(`port ${port} is taken: give another with --port, or 0 for any`)
          : cause,
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
