import { newId, type PersonAnnotator } from '@attune/feedback'
import { z } from 'zod'
import { type LocalServer, localServer, readBody, send, sendPage } from '../page/local-server.ts'
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
export function labelServer(folder: ClipFolder, options: LabelServerOptions): Promise<LocalServer> {
  const broken = new Set<string>()
  return localServer(options.port, {
    'GET /': (_, response) => sendPage(response, labelPage(options.question)),
    'GET /api/next': async (_, response) => send(response, 200, await nextQuery(folder, broken)),
    'POST /api/labels': async (request, response) => {
      const parsed = answerSchema.safeParse(await readBody(request))
      if (!parsed.success) return send(response, 400, { error: parsed.error.issues[0]!.message })
      const query = (await folder.queries()).find(({ item }) => item === parsed.data.item)
      if (!query) return send(response, 404, { error: `there is no pair '${parsed.data.item}'` })
      await folder.label(labelOf(query, parsed.data, options.annotator)) // on the disk before it is acknowledged
      send(response, 200, await nextQuery(folder, broken))
    },
    'POST /api/undo': async (_, response) => {
      const last = inForce(await folder.labels()).at(-1)
      if (last?.id) await folder.label(retraction(last.id, last.item, options.annotator))
      send(response, 200, await nextQuery(folder, broken, last?.item))
    },
  })
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
