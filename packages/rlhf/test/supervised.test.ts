import { cpu } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { pretrain, type RankedCompletions, rewardModel, type Sequence, sft } from '../src/index.ts'
import { collect, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })
const rows: Sequence[] = Array.from({ length: 12 }, (_, i) => ({
  prompt: [1, 2 + (i % 3)],
  completion: Array.from({ length: 2 + (i % 4) }, (_, j) => 5 + ((i + j) % 3)),
}))

describe('sft', () => {
  const options = { batchSize: 6, steps: 6, seed: 0, device }

  test('the loss falls from about ln V', async () => {
    const records = await collect(sft(tinyTrainable(), rows, { ...options, steps: 40 }))
    expect(Math.abs(records[0]!.metrics.loss! - Math.log(12))).toBeLessThan(0.7)
    expect(records.at(-1)!.metrics.loss!).toBeLessThan(0.5 * records[0]!.metrics.loss!)
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })

  test('tokens are counted from the start: an epoch has those of all completions', async () => {
    const records = await collect(sft(tinyTrainable(), rows, { ...options, steps: 4 }))
    const epoch = rows.reduce((total, { completion }) => total + completion.length, 0)
    expect(records[1]!.metrics.num_tokens).toBe(epoch)
    expect(records[3]!.metrics.num_tokens).toBe(2 * epoch)
  })

  test('accumulated micro-batches equal the full batch', async () => {
    const [whole, parts] = [tinyTrainable(), tinyTrainable()]
    const a = await collect(sft(whole, rows, options))
    const b = await collect(sft(parts, rows, { ...options, microBatchSize: 2 }))
    for (const [i, { metrics }] of a.entries()) expect(b[i]!.metrics.loss).toBeCloseTo(metrics.loss!, 5)
    expect(largestDifference(whole.parameters, parts.parameters)).toBeLessThan(1e-4)
  })

  test('packed rows equal padded rows', async () => {
    const [padded, packed, chunked] = [tinyTrainable(), tinyTrainable(), tinyTrainable()]
    const a = await collect(sft(padded, rows, options))
    const b = await collect(sft(packed, rows, { ...options, packedLength: 16 }))
    await collect(sft(chunked, rows, { ...options, packedLength: 11, microBatchSize: 1 }))
    for (const [i, { metrics }] of a.entries()) expect(b[i]!.metrics.loss).toBeCloseTo(metrics.loss!, 5)
    expect(largestDifference(padded.parameters, packed.parameters)).toBeLessThan(1e-4)
    expect(largestDifference(padded.parameters, chunked.parameters)).toBeLessThan(1e-4)
  })

  test('chunked linear cross-entropy equals the whole', async () => {
    const [whole, chunked] = [tinyTrainable(), tinyTrainable()]
    await collect(sft(whole, rows, options))
    await collect(sft(chunked, rows, { ...options, chunk: 7 }))
    expect(largestDifference(whole.parameters, chunked.parameters)).toBeLessThan(1e-4)
  })

  test('stopped and resumed gives the bits of an uninterrupted run', async () => {
    const [straight, resumed] = [tinyTrainable(), tinyTrainable()]
    const whole = await collect(sft(straight, rows, options))
    await collect(sft(resumed, rows, { ...options, steps: 2 }))
    const restored = { ...resumed, optimizer: tinyTrainable().optimizer }
    restored.optimizer.restore(resumed.optimizer.state())
    const rest = await collect(sft(restored, rows, { ...options, start: 2 }))
    expect(largestDifference(straight.parameters, resumed.parameters)).toBe(0)
    expect(rest).toEqual(whole.slice(2))
  })

  test('at learning rate 0 nothing moves', async () => {
    const model = tinyTrainable({ learningRate: 0 })
    await collect(sft(model, rows, options))
    expect(largestDifference(model.parameters, tinyTrainable().parameters)).toBe(0)
  })
})

test('pretraining learns a cycle and packs windows without overlap', async () => {
  const text = Int32Array.from({ length: 201 }, (_, i) => i % 5)
  const records = await collect(
    pretrain(tinyTrainable(), text, { batchSize: 4, sequenceLength: 10, steps: 50, seed: 0, device }),
  )
  expect(records.at(-1)!.metrics.loss!).toBeLessThan(0.3)
  expect(records[0]!.metrics.num_tokens).toBe(40)
})

describe('reward model', () => {
  const judged: RankedCompletions[] = Array.from({ length: 16 }, (_, i) => ({
    prompt: [1 + (i % 4)],
    completions: [
      [7, 5 + (i % 2)],
      [8, 5 + (i % 2)],
    ],
  }))

  test('a new head costs ln 2; training tells the better from the worse', async () => {
    const records = await collect(
      rewardModel(tinyTrainable({ head: 'score' }), judged, { batchSize: 8, steps: 30, seed: 0, device }),
    )
    expect(records[0]!.metrics.loss).toBeCloseTo(Math.LN2, 5)
    expect(records.at(-1)!.metrics.accuracy).toBeCloseTo(1, 6)
    expect(records.at(-1)!.metrics.loss!).toBeLessThan(0.2)
  })

  test('a ranking of three is its three pairs, equally weighted', async () => {
    const ranking: RankedCompletions[] = [
      {
        prompt: [1],
        completions: [
          [5, 2],
          [6, 2],
          [7, 2],
        ],
      },
    ]
    const pairs: RankedCompletions[] = [
      [5, 6],
      [5, 7],
      [6, 7],
    ].map((pair) => ({ prompt: [1], completions: pair.map((token) => [token!, 2]) }))
    const [whole, parts] = [tinyTrainable({ head: 'score' }), tinyTrainable({ head: 'score' })]
    const [a] = await collect(rewardModel(whole, ranking, { batchSize: 1, steps: 1, seed: 0, device }))
    const [b] = await collect(rewardModel(parts, pairs, { batchSize: 3, steps: 1, seed: 0, device }))
    expect(a!.metrics.loss).toBeCloseTo(b!.metrics.loss!, 6)
    expect(largestDifference(whole.parameters, parts.parameters)).toBeLessThan(1e-4)
  })

  test('micro-batches of prompts equal the full batch', async () => {
    const [whole, parts] = [tinyTrainable({ head: 'score' }), tinyTrainable({ head: 'score' })]
    await collect(rewardModel(whole, judged, { batchSize: 8, steps: 4, seed: 0, device }))
    await collect(rewardModel(parts, judged, { batchSize: 8, microBatchSize: 3, steps: 4, seed: 0, device }))
    expect(largestDifference(whole.parameters, parts.parameters)).toBeLessThan(1e-4)
  })
})

test('a loss that is not finite stops the run, names the rows and changes nothing', async () => {
  const model = tinyTrainable()
  model.parameters['model.norm.weight']!.data[0] = Number.NaN
  const before = tinyTrainable().parameters['model.embed_tokens.weight']!
  await expect(collect(sft(model, rows, { batchSize: 2, steps: 3, seed: 0, device }))).rejects.toThrow(
    /the loss of step 1 is NaN \(rows \d+, \d+\)/,
  )
  expect(model.parameters['model.embed_tokens.weight']!.data).toEqual(before.data)
})
