import { newId } from '@attune/feedback'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { toApiError } from '../http/answer-error.ts'
import { ApiError, invalid } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import type { CompleteRequest, TokenEvent, WorkerEvent } from '../inference/messages.ts'
import {
  chatLogprobs,
  plainLogprobs,
  type RowResult,
  usageOf,
  withToken,
} from '../inference/openai-format.ts'
import { modelOf, refOf } from '../models/find.ts'
import type { Services } from '../services.ts'

type Names = 'chatCompletions' | 'completions' | 'listServedModels' | 'score'

interface Sampled {
  readonly model: string
  readonly n?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly seed?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly stream?: boolean | null | undefined
  readonly stream_options?: { readonly include_usage?: boolean | undefined } | null | undefined
}

/** How one of OpenAI's two routes writes its answers. */
interface Format {
  readonly object: string
  readonly chunkObject: string
  readonly prefix: string
  readonly choice: (row: RowResult, index: number) => object
  /** What opens each choice of a stream, if anything. */
  readonly opening?: (index: number) => object
  readonly delta: (event: TokenEvent, textBefore: number) => object
}

/** OpenAI's routes over the inference process. */
export function openAiHandlers({ models, inference }: Services): Pick<Handlers, Names> {
  const requestOf = async (
    body: Sampled,
    rest: Pick<CompleteRequest, 'prompts' | 'maxNewTokens' | 'topLogprobs'>,
  ): Promise<CompleteRequest> => ({
    op: 'complete',
    model: refOf(modelOf(await models(), body.model)),
    n: body.n ?? 1,
    temperature: body.temperature ?? 1,
    topP: body.top_p ?? 1,
    seed: body.seed ?? Math.floor(Math.random() * 2 ** 31),
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    ...rest,
  })
  const answer = async (c: Context, body: Sampled, request: CompleteRequest, format: Format) => {
    const events = inference.ask(request)
    const rows = request.prompts.length * request.n
    return body.stream
      ? streamed(c, { events, body, rows, format })
      : whole(events, { model: body.model, rows, format })
  }

  return {
    chatCompletions: async ({ body }, _, c) => {
      const top = body.logprobs ? (body.top_logprobs ?? 0) : 0
      const request = await requestOf(body, {
        prompts: [body.messages],
        maxNewTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
        topLogprobs: top,
      })
      return answer(c, body, request, chatFormat(Boolean(body.logprobs), top))
    },
    completions: async ({ body }, _, c) => {
      if (body.echo) throw invalid('body.echo', 'is not supported')
      const request = await requestOf(body, {
        prompts: [body.prompt].flat(),
        maxNewTokens: body.max_tokens ?? 16,
        topLogprobs: body.logprobs ?? 0,
      })
      return answer(c, body, request, plainFormat(body.logprobs ?? undefined))
    },
    listServedModels: async () => ({
      object: 'list',
      data: (await models()).map(({ id, createdAt }) => ({
        id,
        object: 'model',
        created: Math.floor(Date.parse(createdAt) / 1000),
        owned_by: 'attune',
      })),
    }),
    score: async ({ body }) => {
      const model = refOf(modelOf(await models(), body.model, 'reward'))
      for await (const event of inference.ask({ op: 'score', model, inputs: body.inputs })) {
        if (event.type !== 'scores') continue
        const data = event.scores.map((score, index) => ({ index, score }))
        return { object: 'list', model: body.model, data }
      }
      throw new ApiError(503, 'unavailable', 'the inference process gave no scores; ask again')
    },
  }
}

function chatFormat(logprobs: boolean, top: number): Format {
  return {
    object: 'chat.completion',
    chunkObject: 'chat.completion.chunk',
    prefix: 'chatcmpl-',
    choice: ({ text, finishReason, tokens }, index) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: logprobs ? chatLogprobs(tokens, top) : null,
      finish_reason: finishReason,
    }),
    opening: (index) => ({
      index,
      delta: { role: 'assistant', content: '' },
      logprobs: null,
      finish_reason: null,
    }),
    delta: (event) => ({
      index: event.row,
      delta: event.text === '' ? {} : { content: event.text },
      logprobs: logprobs ? chatLogprobs([event], top) : null,
      finish_reason: event.finishReason ?? null,
    }),
  }
}

function plainFormat(logprobs: number | undefined): Format {
  const of = (tokens: readonly TokenEvent[], offset: number) =>
    logprobs === undefined ? null : plainLogprobs(tokens, { top: logprobs, offset })
  return {
    object: 'text_completion',
    chunkObject: 'text_completion',
    prefix: 'cmpl-',
    choice: ({ text, finishReason, tokens }, index) => ({
      index,
      text,
      logprobs: of(tokens, 0),
      finish_reason: finishReason,
    }),
    delta: (event, textBefore) => ({
      index: event.row,
      text: event.text,
      logprobs: of([event], textBefore),
      finish_reason: event.finishReason ?? null,
    }),
  }
}

const emptyRows = (rows: number): RowResult[] =>
  Array.from({ length: rows }, () => ({ text: '', finishReason: null, tokens: [] }))

async function whole(
  events: AsyncGenerator<WorkerEvent>,
  { model, rows, format }: { model: string; rows: number; format: Format },
) {
  const results = emptyRows(rows)
  let promptTokens: readonly number[] = []
  for await (const event of events) {
    if (event.type === 'start') promptTokens = event.promptTokens
    if (event.type === 'token') results[event.row] = withToken(results[event.row]!, event)
  }
  return {
    id: `${format.prefix}${newId()}`,
    object: format.object,
    created: Math.floor(Date.now() / 1000),
    model,
    choices: results.map(format.choice),
    usage: usageOf(promptTokens, results),
  }
}

interface Streaming {
  readonly events: AsyncGenerator<WorkerEvent>
  readonly body: Sampled
  readonly rows: number
  readonly format: Format
}

/** The first event is awaited before the answer begins, so that a refused request is answered with its status. */
async function streamed(c: Context, { events, body, rows, format }: Streaming): Promise<Response> {
  const first = await events.next()
  const envelope = {
    id: `${format.prefix}${newId()}`,
    object: format.chunkObject,
    created: Math.floor(Date.now() / 1000),
    model: body.model,
  }
  return streamSSE(c, async (stream) => {
    const send = (data: object) => stream.writeSSE({ data: JSON.stringify(data) })
    const results = emptyRows(rows)
    stream.onAbort(() => void events.return(undefined)) // the worker stops too
    try {
      const { opening } = format
      if (opening) for (const row of results.keys()) await send({ ...envelope, choices: [opening(row)] })
      for await (const event of events) {
        if (event.type !== 'token') continue
        const before = results[event.row]!
        await send({ ...envelope, choices: [format.delta(event, before.text.length)] })
        results[event.row] = withToken(before, event)
      }
      if (body.stream_options?.include_usage && first.value?.type === 'start')
        await send({ ...envelope, choices: [], usage: usageOf(first.value.promptTokens, results) })
    } catch (cause) {
      const { code, message } = toApiError(cause, console.error)
      await send({ error: { code, message } })
    }
    await stream.writeSSE({ data: '[DONE]' })
  })
}
