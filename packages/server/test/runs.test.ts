import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, browser, project, type TestServer, testServer } from './harness.ts'

let server: TestServer
let call: Browser['call']
beforeAll(async () => {
  server = await testServer()
  call = (await browser(server)).call
})
afterAll(async () => {
  await server.remove()
})

const until = async (
  name: string,
  wanted: (
    run: Record<string, unknown> & { state: string; stages: { name: string; step: number }[] },
  ) => boolean,
) => {
  for (let i = 0; i < 400; i++) {
    const { json } = await call('GET', `/api/runs/${name}`)
    const run = json as never
    if (wanted(run)) return run as Record<string, unknown> & { state: string; error?: string }
    await wait(150)
  }
  throw new Error(`${name} did not get there`)
}

const recipe = `name: tiny
threads: 1
stages:
  - { name: sft, stage: sft, model: models/sotu-4m, data: recipes/quickstart/train.jsonl, steps: 400, batch_size: 2, learning_rate: 1.0e-4, save_steps: 100 }
`

test('a run is started from YAML, streams its metrics, is stopped, found again by another server, and resumed', async () => {
  const made = await call('POST', '/api/runs', {
    recipe,
    overrides: ['stages.sft.max_length=64', 'stages.sft.too_long=drop'],
  })
  expect([made.status, made.json]).toMatchObject([201, { name: 'tiny', state: 'running' }])
  expect((await call('POST', '/api/runs', { recipe })).status).toBe(409)
  await until('tiny', ({ stages }) => (stages[0]?.step ?? 0) >= 2)
  const live = await fetch(`${server.url}/api/runs/tiny/events`, { headers: { accept: 'text/event-stream' } })
  const reader = live.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!/event: metrics/.test(heard) || !/event: run/.test(heard)) heard += (await reader.read()).value
  await reader.cancel()
  expect(JSON.parse(/event: metrics\ndata: (.*)/.exec(heard)![1]!)).toMatchObject({
    stage: 'sft',
    row: { step: 1 },
  })

  server = await server.restart()
  call = (await browser(server)).call
  expect((await call('GET', '/api/runs/tiny')).json).toMatchObject({ state: 'running' })
  expect((await call('POST', '/api/runs/tiny/resume')).status).toBe(409)
  await call('POST', '/api/runs/tiny/stop')
  await until('tiny', ({ state }) => state === 'stopped')
  const { items: before } = { items: await steps() }
  expect((await call('POST', '/api/runs/tiny/resume')).status).toBe(202)
  await until('tiny', ({ stages }) => (stages[0]?.step ?? 0) > before.at(-1)!)
  await call('POST', '/api/runs/tiny/stop')
  await until('tiny', ({ state }) => state === 'stopped')
  const after = await steps()
  expect(after).toEqual(after.map((_, i) => i + 1)) // nothing twice, nothing left out
}, 120_000)

async function steps(): Promise<number[]> {
  const { json } = await call('GET', '/api/runs/tiny/metrics?stage=sft')
  return (json as unknown as { rows: { step: number }[] }).rows.map(({ step }) => step)
}

test('a run that fails says why', async () => {
  const bad =
    'name: bad\nstages:\n  - { name: sft, stage: sft, model: models/sotu-4m, data: recipes/quickstart/train.jsonl, steps: none }\n'
  await call('POST', '/api/runs', { recipe: bad })
  const run = await until('bad', ({ state }) => state !== 'running')
  expect(run).toMatchObject({ state: 'failed', error: expect.stringContaining('steps') })
})

test('labels become a reward model and a policy, with samples before and after; the next round is sampled from it', async () => {
  const { id } = await project(server, { items: 6, overlap: 1 })
  const reviewer = { id: 'local', source: 'person' } as const
  expect((await call('POST', '/api/loop', { project: id, name: 'too-early' })).status).toBe(409)
  for (let i = 0; i < 6; i++) {
    await server.services.store.submit(
      {
        kind: 'comparison',
        project: id,
        item: `item-${i}`,
        annotator: reviewer,
        time: new Date().toISOString(),
        protocol: '1',
        prompt: `Prompt ${i}`,
        completions: [`good ${i}`, `bad ${i}`],
        preferred: 0,
      },
      { key: `label-${i}-key` },
    )
  }
  const { status, json } = await call('POST', '/api/loop', {
    project: id,
    name: 'round-1',
    model: 'sotu-4m',
    steps: 2,
    nextItems: 2,
  })
  expect([status, json]).toMatchObject([201, { project: id }])
  const run = await until('round-1', ({ state }) => state !== 'running')
  expect(run.error).toBeUndefined()
  expect(run).toMatchObject({
    state: 'done',
    stages: [{ name: 'reward' }, { name: 'ppo' }, { name: 'before' }, { name: 'after' }],
  })
  const labels = (await readFile(join(server.folder, 'runs/round-1/labels.jsonl'), 'utf8')).trim().split('\n')
  expect(JSON.parse(labels[0]!)).toEqual({
    prompt: 'Prompt 0',
    chosen: 'good 0',
    rejected: 'bad 0',
    annotator: 'local',
  })
  const samples = (await call('GET', '/api/runs/round-1/samples?stage=after')).json as unknown as {
    rows: object[]
  }
  expect(samples.rows[0]).toMatchObject({
    prompt: expect.any(String),
    completion: expect.any(String),
    score: expect.any(Number),
  })
  for (let i = 0; i < 100 && (await server.services.store.progress(id)).items < 8; i++) await wait(150)
  const { items } = await server.services.store.items(id, { limit: 20 })
  expect(items.slice(6).map(({ item }) => item.completions[0]!.model)).toEqual(['round-1.ppo', 'round-1.ppo'])
}, 180_000)
