import { newId, type PersonAnnotator } from '@attune/feedback'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { type LocalServer, localServer, readBody, send, sendPage } from '../page/local-server.ts'
import type { ClipFolder, Label, Query, ShownClip } from './clip-folder.ts'
import { labelPage } from './page.ts'
import { type Closing, inForce, openQueries } from './queue.ts'

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

/** Serves the labelling page of a folder to one person on the loopback address. Throws when the person has no name. */
export async function labelServer(folder: ClipFolder, options: LabelServerOptions): Promise<LocalServer> {
  const { annotator } = options
  if (annotator.id.trim() === '')
    throw new UserError(
      `--name '${annotator.id}': expected a name, which every answer carries; give one, or leave --name out`,
    )
  const desk = { folder, annotator, told: new Set<string>() }
  const exclusively = mutex()
  return localServer(options.port, {
    'GET /': (_, response) => sendPage(response, labelPage(options.question)),
    'GET /api/next': async (_, response) => send(response, 200, await nextQuery(desk)),
    'POST /api/labels': async (request, response) => {
      const parsed = answerSchema.safeParse(await readBody(request))
      if (!parsed.success) return send(response, 400, { error: parsed.error.issues[0]!.message })
      const { item } = parsed.data
      const queries = await folder.queries()
      if (!queries.some((query) => query.item === item))
        return send(response, 404, { error: `there is no pair '${item}'` })
      // an answer that is there already, given in another tab or not acknowledged, is not stored again
      await exclusively(async () => {
        const query = openQueries(queries, await folder.labels()).find((open) => open.item === item)
        if (query) await folder.label(labelOf(query, parsed.data, annotator)) // on the disk before it is acknowledged
      })
      send(response, 200, await nextQuery(desk))
    },
    'POST /api/undo': async (_, response) => {
      const back = await exclusively(async () => {
        const last = ownInForce(await folder.labels(), annotator).at(-1)
        if (last?.id) await folder.label(retraction(last.id, last.item, annotator))
        return last?.item
      })
      send(response, 200, await nextQuery(desk, back))
    },
  })
}

/** Lets one thing be done at a time: what was checked still holds when it is written. */
function mutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = before.then(work)
    before = done.catch(() => {})
    return done
  }
}

/** Where one person labels. */
interface Desk {
  readonly folder: ClipFolder
  readonly annotator: PersonAnnotator
  /** What has been said about damaged clips. */
  readonly told: Set<string>
}

/** The next pair whose clips can both be shown, the item `first` before others; how many wait, and what the person did. */
async function nextQuery(desk: Desk, first?: string): Promise<object> {
  const { folder, annotator } = desk
  const labels = await folder.labels()
  const open = openQueries(await folder.queries(), labels).sort(
    (a, b) => Number(b.item === first) - Number(a.item === first),
  )
  const own = ownInForce(labels, annotator)
  const counts = {
    answered: own.filter(({ kind }) => kind === 'clip-comparison').length,
    skipped: own.filter(({ kind }) => kind === 'flag').length,
  }
  const there = open.filter(folder.holds)
  for (const [passed, query] of there.entries()) {
    const clips = await Promise.all(sides(query).map((id) => shownClip(desk, id)))
    if (clips.every(Boolean)) return { item: query.item, clips, ...counts, waiting: there.length - passed }
  }
  return { ...counts, waiting: 0, gone: open.length }
}

/** Answers and skips of one person that have not been taken back, oldest first. */
function ownInForce(labels: readonly Label[], { id }: PersonAnnotator): Closing[] {
  return inForce(labels).filter(({ annotator }) => annotator.source === 'person' && annotator.id === id)
}

/** A clip to show; a damaged one is named on the terminal, once, and passed over. */
async function shownClip({ folder, told }: Desk, id: string): Promise<ShownClip | undefined> {
  try {
    return await folder.shown(id)
  } catch (cause) {
    const { message } = cause as Error
    if (!told.has(message)) process.stderr.write(`${message}\n`)
    told.add(message)
    return undefined
  }
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
