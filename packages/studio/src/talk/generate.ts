import type { ModelEntry } from '@attune/server'
import type { Client } from '../api/client.ts'
import { textOf } from './stream.ts'

/** A turn of a conversation. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

/** How to sample. */
export interface Sampling {
  readonly temperature: number
  readonly maxTokens: number
}

/** What a model writes, piece by piece. A model without a chat template goes on from the text so far. */
export async function* write(
  client: Client,
  {
    model,
    turns,
    sampling,
    signal,
  }: { model: ModelEntry; turns: readonly Turn[]; sampling: Sampling; signal: AbortSignal },
): AsyncGenerator<string> {
  const settings = {
    model: model.id,
    stream: true,
    temperature: sampling.temperature,
    max_tokens: sampling.maxTokens,
  }
  const response = model.chat
    ? await client.stream('POST /v1/chat/completions', { body: { ...settings, messages: turns } }, { signal })
    : await client.stream(
        'POST /v1/completions',
        { body: { ...settings, prompt: turns.map(({ content }) => content).join('') } },
        { signal },
      )
  yield* textOf(response)
}

/** One of several answers, with the reward model's score when there is one. */
export interface ScoredAnswer {
  readonly text: string
  readonly score?: number
}

/** Several answers of one model to one prompt, the best first when a reward model scores them. */
export async function sampleSeveral(
  client: Client,
  {
    model,
    prompt,
    count,
    sampling,
    reward,
  }: { model: string; prompt: string; count: number; sampling: Sampling; reward?: string },
): Promise<ScoredAnswer[]> {
  const answer = await client.call('POST /v1/completions', {
    body: { model, prompt, n: count, temperature: sampling.temperature, max_tokens: sampling.maxTokens },
  })
  const texts = (answer.choices as { text: string }[]).map(({ text }) => text)
  if (!reward) return texts.map((text) => ({ text }))
  const inputs = texts.map((completion) => ({ prompt, completion }))
  const { data } = await client.call('POST /v1/score', { body: { model: reward, inputs } })
  return texts
    .map((text, i) => ({ text, score: data.find(({ index }) => index === i)?.score }))
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
}
