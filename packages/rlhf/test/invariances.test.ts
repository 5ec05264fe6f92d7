import { checkpoint, cpu } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { expect, test } from 'vitest'
import {
  directPreference,
  dpo,
  noReference,
  type PreferencePair,
  type Sequence,
  sequenceLogProbs,
  sft,
} from '../src/index.ts'
import { collect, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })
const rows: Sequence[] = Array.from({ length: 8 }, (_, i) => ({
  prompt: [1, 2 + (i % 3)],
  completion: Array.from({ length: 1 + (i % 5) }, (_, j) => 5 + ((i + j) % 4)),
}))
const pairs: PreferencePair[] = rows.map(({ prompt, completion }, i) => ({
  prompt,
  chosen: completion,
  rejected: [11, 10, 9].slice(i % 3),
}))

test('padding: a sequence scores the same alone and beside a much longer one', async () => {
  const scores = sequenceLogProbs(tinyTrainable(), { device })
  const long = { prompt: [3], completion: Array.from({ length: 30 }, (_, i) => i % 12) }
  const together = await scores([...rows, long])
  for (const [i, row] of rows.entries()) expect((await scores([row]))[0]).toBeCloseTo(together[i]!, 5)
})

/** The same function, whose activations are computed again in the reverse pass. */
function recomputed(architecture: Architecture): Architecture {
  return { ...architecture, trunk: (weights, input) => checkpoint(architecture.trunk)(weights, input) }
}

test('checkpointing: recomputed activations train to the same parameters', async () => {
  const options = { batchSize: 4, steps: 5, seed: 0, device }
  for (const train of [
    (model: ReturnType<typeof tinyTrainable>) => sft(model, rows, options),
    (model: ReturnType<typeof tinyTrainable>) =>
      directPreference(model, pairs, {
        ...options,
        loss: dpo({ beta: 0.1 }),
        beta: 0.1,
        reference: noReference,
      }),
  ]) {
    const [plain, again] = [tinyTrainable(), tinyTrainable()]
    const a = await collect(train(plain))
    const b = await collect(train({ ...again, architecture: recomputed(again.architecture) }))
    for (const [i, { metrics }] of a.entries()) expect(b[i]!.metrics.loss).toBeCloseTo(metrics.loss!, 5)
    expect(largestDifference(plain.parameters, again.parameters)).toBeLessThan(1e-4)
  }
})

test('the order of rows in a batch does not matter', async () => {
  const options = { batchSize: rows.length, steps: 1, seed: 0, device }
  const [one, other] = [tinyTrainable(), tinyTrainable()]
  await collect(sft(one, rows, options))
  await collect(sft(other, [...rows].reverse(), options))
  expect(largestDifference(one.parameters, other.parameters)).toBeLessThan(1e-4)
})
