import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ndarray } from '@attune/grad'
import { loadModel, saveModel } from '@attune/lm'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { feedbackClient } from '../src/client/feedback-client.ts'
import { browser, project, root, type TestServer, testServer } from './harness.ts'

let server: TestServer
let client: OpenAI
beforeAll(async () => {
  server = await testServer()
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  const model = await loadModel(join(root, 'models/sotu-4m'))
  const head = ndarray(
    Float32Array.from({ length: model.architecture.width }, (_, i) => Math.sin(i)),
    [1, model.architecture.width],
  )
  await saveModel(join(server.folder, 'runs/judge/reward/model'), {
    ...model,
    parameters: { ...model.parameters, 'score.weight': head },
  })
  await saveModel(join(server.folder, 'runs/other/sft/model'), model)
  await writeFile(join(server.folder, 'runs/judge/recipe.yaml'), 'name: judge\nstages: []\n')
})
afterAll(() => server.remove())

const model = 'sotu-4m'
const prompt = 'The American people'

test('models are listed', async () => {
  const { data } = await client.models.list()
  expect(data.map(({ id }) => id).sort()).toEqual(['judge.reward', 'other.sft', model])
})

test('a completion is the same streamed and whole, and for the same seed', async () => {
  const options = { model, prompt, max_tokens: 12, seed: 7, temperature: 0.7, n: 2 }
  const whole = await client.completions.create(options)
  const texts = ['', '']
  const reasons: (string | null)[] = []
  for await (const { choices } of await client.completions.create({ ...options, stream: true })) {
    for (const { index, text, finish_reason } of choices) {
      texts[index] += text
      if (finish_reason) reasons[index] = finish_reason
    }
  }
  expect(texts).toEqual(whole.choices.map(({ text }) => text))
  expect(reasons).toEqual(whole.choices.map(({ finish_reason }) => finish_reason))
  expect(texts[0]).not.toBe(texts[1])
  expect(whole.usage!.total_tokens).toBe(whole.usage!.prompt_tokens + whole.usage!.completion_tokens)
})

test('log-probabilities: the greedy token is the likeliest, and all are negative', async () => {
  const { choices } = await client.completions.create({
    model,
    prompt,
    max_tokens: 5,
    temperature: 0,
    logprobs: 3,
  })
  const { tokens, token_logprobs, top_logprobs } = choices[0]!.logprobs!
  expect(tokens!.join('')).toBe(choices[0]!.text)
  top_logprobs!.forEach((top, i) => {
    expect(Math.max(...Object.values(top))).toBe(token_logprobs![i])
    expect(token_logprobs![i]).toBeLessThanOrEqual(0)
  })
  const chat = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: 5,
    temperature: 0,
    logprobs: true,
    top_logprobs: 2,
  })
  expect(chat.choices[0]!.logprobs!.content!.map(({ token }) => token)).toEqual(tokens) // no template: the plain text goes on
  expect(chat.choices[0]!.logprobs!.content![0]!.top_logprobs).toHaveLength(2)
})

test('a stop string ends the text before itself', async () => {
  const free = await client.completions.create({ model, prompt, max_tokens: 20, temperature: 0 })
  const stop = free.choices[0]!.text.trim().split(' ')[2]!
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: 20,
    temperature: 0,
    stop: ` ${stop}`,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let reason: string | null = null
  let tokens = 0
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? ''
    reason = choices[0]?.finish_reason ?? reason
    tokens = usage?.completion_tokens ?? tokens
  }
  expect(text).toBe(free.choices[0]!.text.slice(0, free.choices[0]!.text.indexOf(` ${stop}`)))
  expect(reason).toBe('stop')
  expect(tokens).toBeGreaterThan(0)
})

test("what cannot be answered is refused with OpenAI's status", async () => {
  await expect(client.completions.create({ model: 'no-such-model', prompt })).rejects.toMatchObject({
    status: 404,
  })
  await expect(client.completions.create({ model: 'judge.reward', prompt })).rejects.toMatchObject({
    status: 404,
  })
  await expect(client.completions.create({ model, prompt, max_tokens: 8000 })).rejects.toMatchObject({
    status: 400,
  })
  await expect(
    client.completions.create({ model, prompt: 'word '.repeat(400), stream: true }),
  ).rejects.toMatchObject({ status: 400 })
  await expect(client.completions.create({ model, prompt, temperature: 9 })).rejects.toMatchObject({
    status: 400,
  })
})

test('a reward model scores, one by one as together', async () => {
  const score = (inputs: object[]) =>
    client.post('/score', { body: { model: 'judge.reward', inputs } }) as Promise<{
      data: { score: number }[]
    }>
  const inputs = [' will prosper.', ' fear the worst.'].map((completion) => ({ prompt, completion }))
  const together = (await score(inputs)).data.map((entry) => entry.score)
  const apart = [(await score([inputs[0]!])).data[0]!.score, (await score([inputs[1]!])).data[0]!.score]
  together.forEach((value, i) => {
    expect(Math.abs(value - apart[i]!)).toBeLessThan(1e-4)
  })
  expect(Math.abs(together[0]! - together[1]!)).toBeGreaterThan(1e-3)
})

test('the server answers while a model is busy, and leaving a stream frees the model', async () => {
  const stream = await client.completions.create({ model, prompt, max_tokens: 200, n: 16, stream: true })
  for await (const _ of stream) break
  const began = Date.now()
  await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/api/session`)))
  const next = await client.completions.create({ model, prompt, max_tokens: 2 })
  expect(next.choices).toHaveLength(1)
  expect(Date.now() - began).toBeLessThan(20_000)
})

test('a worker that is killed is replaced', async () => {
  const busy = client.completions
    .create({ model, prompt, max_tokens: 200, n: 16 })
    .catch((cause) => cause.status)
  await wait(300)
  const { execFileSync } = await import('node:child_process')
  const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='], {
    encoding: 'utf8',
  })
  const pid = Number(/(\d+).*inference\/worker/.exec(children)?.[1])
  process.kill(pid, 'SIGKILL')
  expect(await busy).toBe(503)
  expect((await client.completions.create({ model, prompt, max_tokens: 2 })).choices).toHaveLength(1)
})

test('the arena hides names until the vote, counts one vote a round and ranks', async () => {
  const { call } = await browser(server)
  const round = async (wins: string) => {
    const { json } = await call('POST', '/api/arena/round', {
      prompt,
      models: [model, 'other.sft'],
      maxNewTokens: 4,
    })
    for (const name of [model, 'other.sft']) expect(JSON.stringify(json)).not.toContain(name)
    const row = await server.services.database
      .selectFrom('server_arena_rounds')
      .select('models')
      .where('id', '=', json.id)
      .executeTakeFirstOrThrow()
    const preferred = (JSON.parse(row.models) as string[]).indexOf(wins)
    const vote = (key: string, choice = preferred) =>
      call('POST', `/api/arena/${json.id}/vote`, { preferred: choice, key })
    const first = await vote('vote-number-1')
    expect(first.json).toEqual({ models: JSON.parse(row.models), duplicate: false })
    expect((await vote('vote-number-1')).json).toMatchObject({ duplicate: true })
    expect((await vote('vote-number-2')).status).toBe(409)
    expect((await vote('vote-number-1', 1 - preferred)).status).toBe(409)
  }
  expect((await call('GET', '/api/arena/leaderboard')).json).toEqual({ votes: 0, models: [] })
  for (const wins of [model, model, model, 'other.sft']) await round(wins)
  const { models } = (await call('GET', '/api/arena/leaderboard')).json
  expect(models).toMatchObject([
    { model, wins: 3, votes: 4 },
    { model: 'other.sft', wins: 1, votes: 4 },
  ])
  expect((await call('POST', '/api/arena/round', { prompt, models: [model, model] })).status).toBe(400)
})

test('the feedback client needs five lines in an app', async () => {
  const { id } = await project(server, { items: 0 })
  const { secret } = await server.services.keys.create({ name: 'app', scopes: ['feedback'], project: id })
  const send = feedbackClient({ url: server.url, apiKey: secret })
  const { duplicate } = await send({ prompt, completion: 'Yes.', desirable: true }, 'message-0001')
  expect(duplicate).toBe(false)
  expect(await send({ prompt, completion: 'Yes.', desirable: true }, 'message-0001')).toMatchObject({
    duplicate: true,
  })
  await send({ prompt, completions: ['A', 'B'], preferred: 1, user: 'u' })
  expect((await server.services.store.progress(id)).items).toBe(2)
})
