import {
  argillaRecords,
  csvLines,
  eventLines,
  type Judgment,
  labelStudioTasks,
  trlPreference,
  trlPromptCompletion,
  trlUnpaired,
} from '@attune/feedback'
import { notFound } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { importText } from '../labelling/import.ts'
import type { Services } from '../services.ts'

type Format =
  | 'trl-preference'
  | 'trl-unpaired'
  | 'trl-prompt-completion'
  | 'jsonl'
  | 'csv'
  | 'argilla'
  | 'label-studio'

/** A file's lines, and its ending and media type. */
const formats: Readonly<
  Record<
    Format,
    { ending: string; type: string; lines: (judgments: AsyncIterable<Judgment>) => AsyncIterable<string> }
  >
> = {
  'trl-preference': jsonLines((judgments) => eventLines(trlPreference(judgments))),
  'trl-unpaired': jsonLines((judgments) => eventLines(trlUnpaired(judgments))),
  'trl-prompt-completion': jsonLines((judgments) => eventLines(trlPromptCompletion(judgments))),
  jsonl: jsonLines((judgments) => eventLines(judgments)),
  csv: { ending: 'csv', type: 'text/csv; charset=utf-8', lines: csvLines },
  argilla: json(argillaRecords),
  'label-studio': json(labelStudioTasks),
}

function jsonLines(lines: (judgments: AsyncIterable<Judgment>) => AsyncIterable<string>) {
  return { ending: 'jsonl', type: 'application/x-ndjson', lines }
}

function json(list: (judgments: AsyncIterable<Judgment>) => Promise<readonly object[]>) {
  return {
    ending: 'json',
    type: 'application/json',
    async *lines(judgments: AsyncIterable<Judgment>) {
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
      const { ending, type, lines } = formats[format]
      return new Response(bytesOf(lines(store.judgments(id))), {
        headers: {
          ...Object.fromEntries(c.res.headers),
          'Content-Type': type,
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

/** Bytes of lines, in pieces of at least 64 KB, made as they are read. */
function bytesOf(lines: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = lines[Symbol.asyncIterator]()
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
        piece += value
      }
      controller.enqueue(encoder.encode(piece))
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
}
