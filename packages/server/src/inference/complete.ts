import type { DrawnToken, Tokenizer } from '@attune/lm'
import type { Loaded } from './loaded.ts'
import type { CompleteRequest, ScoreRequest, TokenEvent, WorkerEvent } from './messages.ts'
import { plainText, promptIds } from './prompt.ts'
import { cutAtStop, textStream } from './text-stream.ts'

/** A request that cannot be answered as it is; the message goes to who asked. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
}

/** Longest completion when the request names none. */
const defaultNewTokens = 256
/** Rows of one batch. */
const mostRows = 64

/** Samples completions; yields every token as it is drawn. Throws InvalidRequest when the prompt does not fit the context. */
export async function* complete(
  { model, encoder, sampler }: Loaded,
  request: CompleteRequest,
): AsyncGenerator<WorkerEvent> {
  const prompts = request.prompts.map((prompt) => startOf(promptIds(encoder, prompt), model.tokenizer))
  const rows = prompts.flatMap((prompt) => Array.from({ length: request.n }, () => prompt))
  if (rows.length > mostRows)
    throw new InvalidRequest(`${rows.length} completions were asked for, at most ${mostRows} at once`)
  const maxNewTokens = newTokens(request, { prompts, context: model.architecture.contextLength })
  yield { type: 'start', promptTokens: prompts.map(({ length }) => length) }
  const { tokenizer } = model
  const decode = (tokens: readonly number[]) => tokenizer.decode(tokens)
  const texts = rows.map(() => textStream(decode, request.stop))
  const stops = (tokens: readonly number[]) => {
    const text = decode(tokens)
    return cutAtStop(text, request.stop).length < text.length
  }
  const steps = sampler.stream(rows, {
    maxNewTokens,
    temperature: request.temperature,
    topP: request.topP,
    seed: request.seed,
    endOfText: tokenizer.endsOfText,
    topLogprobs: request.topLogprobs,
    ...(request.stop.length > 0 ? { stop: stops } : {}),
  })
  for await (const step of steps) {
    for (const drawn of step) {
      const text = texts[drawn.row]!.push(drawn.token, drawn.finishReason !== undefined)
      yield tokenEvent(drawn, text, tokenizer)
    }
  }
}

/** A reward model's scores. Throws InvalidRequest when an input does not fit the context. */
export async function scores(
  { model, encoder, reward }: Loaded,
  { inputs }: ScoreRequest,
): Promise<number[]> {
  const { tokenizer, architecture } = model
  const rows = inputs.map(({ prompt, completion }, index) => {
    const answer = tokenizer.encode(completion)
    const end = tokenizer.endOfText
    const row = {
      prompt: startOf(
        promptIds(encoder, typeof prompt === 'string' || encoder.template ? prompt : plainText(prompt)),
        tokenizer,
      ),
      completion: end === undefined ? answer : [...answer, end],
    }
    const length = row.prompt.length + row.completion.length
    if (length > architecture.contextLength)
      throw new InvalidRequest(
        `inputs.${index} has ${length} tokens, the model's context holds ${architecture.contextLength}`,
      )
    return row
  })
  return [...(await reward(rows))]
}

/** An empty prompt begins with the beginning (or end) of text. */
function startOf(ids: number[], { beginOfText, endOfText }: Tokenizer): number[] {
  const start = beginOfText ?? endOfText
  return ids.length === 0 && start !== undefined ? [start] : ids
}

function newTokens(
  { maxNewTokens }: CompleteRequest,
  { prompts, context }: { prompts: readonly number[][]; context: number },
): number {
  const longest = Math.max(...prompts.map(({ length }) => length))
  const room = context - longest
  if (room < 1 || (maxNewTokens ?? 1) > room) {
    throw new InvalidRequest(
      `the prompt has ${longest} tokens${maxNewTokens === undefined ? '' : ` and ${maxNewTokens} new ones are asked for`}, but the model's context holds ${context}`,
    )
  }
  return maxNewTokens ?? Math.min(defaultNewTokens, room)
}

function tokenEvent(
  { row, token, logprob, top, finishReason }: DrawnToken,
  text: string,
  tokenizer: Tokenizer,
): TokenEvent {
  const named = (id: number) => ({
    text: tokenizer.decode([id], { skipSpecialTokens: false }),
    bytes: [...(tokenizer.tokenBytes(id) ?? [])],
  })
  const own = named(token)
  return {
    type: 'token',
    row,
    text,
    token: own.text,
    bytes: own.bytes,
    logprob,
    top: top.map((entry) => ({ ...entry, ...named(entry.token) })),
    finishReason,
  }
}
