import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpu } from '@attune/grad'
import { NotFiniteError, type StepRecord } from '@attune/rlhf'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readLog } from './jsonl.ts'
import { type Training, train } from './train.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-train-'))
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** Steps whose KL is their number; what `from` was asked for is kept. */
function follow(changes: Partial<Training>, resume = false) {
  const asked: number[] = []
  async function* records(from: number): AsyncGenerator<StepRecord> {
    for (let step = from; step < 6; step++) {
      asked.push(step)
      yield { step: step + 1, metrics: { kl: step + 1 } }
    }
  }
  const training: Training = {
    state: { models: {}, numbers: () => ({}), restoreNumbers: () => {} },
    steps: 6,
    saveSteps: 2,
    watch: ['kl'],
    start: records,
    ...changes,
  }
  const { signal } = new AbortController()
  const context = { name: 'x', folder, runFolder: folder, seed: 0, device: cpu(), resume, signal }
  return { asked, records, result: train(context, training) }
}

const saved = async () => (await readdir(join(folder, 'checkpoints'))).sort()

test('a rule counts the steps from before an interruption, and what it ended is not trained on', async () => {
  const stopWhen = [{ metric: 'kl', above: 2, steps: 3 }] // 3, 4, 5
  const cut = follow({
    stopWhen,
    start: async function* (from) {
      for await (const record of cut.records(from)) {
        if (record.step === 5) throw new Error('killed')
        yield record
      }
    },
  })
  await expect(cut.result).rejects.toThrow('killed')
  const resumed = follow({ stopWhen }, true)
  expect(await resumed.result).toEqual({ kl: 5 })
  expect(resumed.asked).toEqual([4])
  const again = follow({ stopWhen }, true)
  expect(await again.result).toEqual({ kl: 5 })
  expect(again.asked).toEqual([])
})

test('a step that is not finite leaves the last checkpoint as the newest', async () => {
  const broken = follow({
    start: async function* (from) {
      for await (const record of broken.records(from)) {
        if (record.step === 4) throw new NotFiniteError('step 4: the loss is NaN')
        yield record
      }
    },
  })
  await expect(broken.result).rejects.toThrow('the loss is NaN. Step 2 is saved; go on with --resume')
  expect(await saved()).toEqual(['step-2'])
})

test('a metric that was no number is none after an interruption either: it breaks no rule, and is shown', async () => {
  const stopWhen = [{ metric: 'correlation', below: 0.5, steps: 1 }]
  const constant = async function* (from: number): AsyncGenerator<StepRecord> {
    for (let step = from; step < 6; step++)
      yield { step: step + 1, metrics: { correlation: step < 5 ? Number.NaN : 1 } }
  }
  const cut = follow({
    stopWhen,
    start: async function* () {
      yield* constant(4)
      throw new Error('killed')
    },
    steps: 5,
  })
  await expect(cut.result).rejects.toThrow('killed')
  const changes = { stopWhen, start: constant, watch: ['correlation'] }
  expect(await follow(changes, true).result).toEqual({ correlation: 1 })
})

test('the seconds of a run that goes on are those of all its parts', async () => {
  await follow({
    start: async function* () {
      vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5000)
      yield { step: 2, metrics: {} }
    },
  }).result
  vi.spyOn(performance, 'now').mockRestore()
  await follow({}, true).result
  const rows = await readLog(join(folder, 'metrics.jsonl'))
  expect(Number(rows[0]!.seconds)).toBeGreaterThanOrEqual(5)
  expect(Number(rows[1]!.seconds)).toBeGreaterThanOrEqual(5)
})
