import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32c, eventFile } from './event-file.ts'
import { logToMlflow } from './mlflow.ts'
import { type MetricPoint, metricPoints } from './points.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/event-file.json', import.meta.url), 'utf8'),
) as { points: MetricPoint[]; hex: string }

describe('event files', () => {
  test("the check value of CRC-32C's definition", () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })

  test("are those of TensorBoard's own writer, byte by byte", () => {
    // a proto3 writer leaves out nothing of a oneof, so 0 is there as well
    expect(Buffer.from(eventFile(golden.points)).toString('hex')).toBe(golden.hex)
  })
})

describe('the points of a run', () => {
  test('stage by stage, what is no number as NaN, at the time it was logged', async () => {
    const run = await mkdtemp(join(tmpdir(), 'attune-track-'))
    for (const stage of ['sft', 'empty']) await mkdir(join(run, stage))
    const rows = [
      '{"step":1,"loss":2.5,"seconds":1}',
      '{"step":2,"loss":null,"note":"x","seconds":3}',
      '{"st',
    ]
    await writeFile(join(run, 'sft', 'metrics.jsonl'), rows.join('\n'))
    const points = await metricPoints(run)
    expect(points.map(({ name, value, step }) => [name, value, step])).toEqual([
      ['sft/loss', 2.5, 1],
      ['sft/loss', Number.NaN, 2],
    ])
    expect(points[1]!.time - points[0]!.time).toBe(2000)
    expect(Math.abs(points[1]!.time - Date.now())).toBeLessThan(60_000)
  })

  test('those of control, which has no stages; without seconds all are at the time of the file', async () => {
    const run = await mkdtemp(join(tmpdir(), 'attune-track-'))
    await mkdir(join(run, 'policy'))
    await writeFile(join(run, 'metrics.jsonl'), '{"step":1,"rollout/ep_rew_mean":9}\n{"step":2,"kl":0.5}\n')
    const points = await metricPoints(run)
    expect(points.map(({ name, value, step }) => [name, value, step])).toEqual([
      ['rollout/ep_rew_mean', 9, 1],
      ['kl', 0.5, 2],
    ])
    for (const { time } of points) expect(Math.abs(time - Date.now())).toBeLessThan(60_000)
  })

  test('a folder without any is refused', async () => {
    await expect(metricPoints('nowhere')).rejects.toThrow('nowhere holds no metrics.jsonl')
  })
})

describe('MLflow', () => {
  const calls: { path: string; body: Record<string, unknown> }[] = []
  let refuse = false
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const path = request.url!.replace('/api/2.0/mlflow/', '')
    calls.push({ path, body: text ? JSON.parse(text) : {} })
    const answers: Record<string, unknown> = {
      'experiments/get-by-name?experiment_name=attune': { experiment: { experiment_id: '7' } },
      'experiments/create': { experiment_id: '8' },
      'runs/create': { run: { info: { run_id: 'r1' } } },
    }
    response.statusCode = refuse ? 403 : path.startsWith('experiments/') && !answers[path] ? 404 : 200
    response.end(JSON.stringify(refuse ? { message: 'no' } : (answers[path] ?? {})))
  })
  let url = ''
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(() => server.close())
  const run = (count: number) => ({
    experiment: 'attune',
    name: 'quickstart',
    params: { seed: '0' },
    points: Array.from({ length: count }, (_, i) => ({
      name: i === 0 ? 'ppo/rewards/a|b' : 'ppo/kl',
      value: i === 1 ? Number.NaN : i,
      step: i,
      time: 1000 + i,
    })),
  })

  test('gets every point once, at most 1,000 a request, in an experiment that is there already', async () => {
    calls.length = 0
    expect(await logToMlflow(url, run(2500))).toBe('r1')
    expect(calls.find(({ path }) => path === 'runs/create')!.body).toMatchObject({
      experiment_id: '7',
      start_time: 1000,
    })
    const batches = calls.flatMap(({ body }) =>
      body.metrics ? [body.metrics as { key: string; value: unknown }[]] : [],
    )
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500])
    expect(batches[0]![0]).toEqual({ key: 'ppo/rewards/a_b', value: 0, step: 0, timestamp: 1000 })
    expect(batches[0]![1]!.value).toBe('NaN')
    expect(calls.at(-1)).toEqual({
      path: 'runs/update',
      body: { run_id: 'r1', status: 'FINISHED', end_time: 3499 },
    })
  })

  test('makes an experiment that is missing', async () => {
    calls.length = 0
    await logToMlflow(url, { ...run(1), experiment: "it's new" })
    expect(calls.find(({ path }) => path === 'runs/create')!.body).toMatchObject({ experiment_id: '8' })
  })

  test('a refusal and a server that is not there are told in words', async () => {
    refuse = true
    await expect(logToMlflow(url, run(1))).rejects.toThrow(/experiments\/get-by-name\?\S+ answered 403: .*no/)
    refuse = false
    await expect(logToMlflow('http://127.0.0.1:1', run(1))).rejects.toThrow(
      'http://127.0.0.1:1 cannot be reached',
    )
  })
})
