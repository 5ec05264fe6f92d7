import {
  argillaRecords,
  csvLines,
  eventLines,
  isConversational,
  type Judgment,
  labelStudioTasks,
  leftOut,
  type TrlFormat,
  type TrlOptions,
  trlFormatNames,
  trlFormats,
} from '@attune/feedback'
import { parquetChunks } from '@attune/feedback/store'
import type { exportFormats } from '../api/projects.ts'
import { notFound } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { importText } from '../labelling/import.ts'
import type { Services } from '../services.ts'

type Format = (typeof exportFormats)[number]

/** A file's pieces, and its ending and media type. */
interface Written {
  readonly ending: string
  readonly type: string
  readonly pieces: (
    judgments: AsyncIterable<Judgment>,
    options: TrlOptions,
  ) => AsyncIterable<string | Uint8Array>
  /** Whether it cannot hold every kind of judgment. */
  readonly leavesOut?: boolean
}

const formats: Readonly<Record<Format, Written>> = {
  ...trl(),
  jsonl: jsonLines((judgments) => eventLines(judgments)),
  csv: { ending: 'csv', type: 'text/csv; charset=utf-8', pieces: (judgments) => csvLines(judgments) },
  parquet: {
    ending: 'parquet',
    type: 'application/vnd.apache.parquet',
    pieces: (judgments) => parquetChunks(judgments),
  },
  argilla: json(argillaRecords),
  'label-studio': json(labelStudioTasks),
}

function trl(): Record<TrlFormat, Written> {
  const rows = trlFormatNames.map((name) => [
    name,
    jsonLines((judgments, options) => eventLines(trlFormats[name](judgments, options))),
  ])
  return Object.fromEntries(rows)
}

function jsonLines(pieces: Written['pieces']): Written {
  return { ending: 'jsonl', type: 'application/x-ndjson', pieces }
}

function json(list: (judgments: AsyncIterable<Judgment>) => Promise<readonly object[]>): Written {
  return {
    ending: 'json',
    type: 'application/json',
    leavesOut: true,
    async *pieces(judgments: AsyncIterable<Judgment>) {
      yield '[\n'
      let first = true
      for (const entry of await list(judgments)) {
        yield `${first ? '' : ',\n'}${JSON.stringify(entry)}`
        first = false
      }
      yield '\n]\n'
    },
  }
}

/** Judgments out as files and in from texts. */
export function exchangeHandlers({
  store,
  events,
}: Services): Pick<Handlers, 'exportJudgments' | 'importItems'> {
  return {
    exportJudgments: async ({ params: { id }, query: { format } }, _, c) => {
      if (!(await store.projects.get(id))) throw notFound('the project')
      const { ending, type, pieces, leavesOut } = formats[format]
      const missing = leavesOut ? await leftOut(store.judgments(id)) : {}
      const conversational = format.startsWith('trl-') && (await isConversational(store.judgments(id)))
      return new Response(bytesOf(pieces(store.judgments(id), { conversational })), {
        headers: {
          ...Object.fromEntries(c.res.headers),
          'Content-Type': type,
          ...(leavesOut ? { 'X-Attune-Left-Out': JSON.stringify(missing) } : {}),
          'Content-Disposition': `attachment; filename="${id}-${format}.${ending}"`,
        },
      })
    },
    importItems: async ({ params: { id }, body }) => {
      const project = await store.projects.get(id)
      if (!project) throw notFound('the project')
      const result = await importText(store, { project, ...body })
      events.publish({ type: 'project', id })
      return result
    },
  }
}

/** Bytes of a file, texts in pieces of at least 64 KB, made as they are read. */
function bytesOf(pieces: AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = pieces[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      let piece = ''
      while (piece.length < 65_536) {
        const { done, value } = await iterator.next()
        if (done) {
          if (piece) controller.enqueue(encoder.encode(piece))
          controller.close()
          return
        }
        if (typeof value !== 'string') {
          controller.enqueue(value) // a format writes texts or bytes, never both
          return
        }
        piece += value
      }
      controller.enqueue(encoder.encode(piece))
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
}
