import { cpu } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import {
  directPreference,
  dpo,
  modelReward,
  noReference,
  orpo,
  type PairLoss,
  type PreferencePair,
  rewardModel,
  sequenceLogProbs,
} from '../src/index.ts'
import { packedPrompts } from '../src/rollout/packed-prompts.ts'
import { collect, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })
const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => 2 + ((from + 3 * i) % 10))
const pairs: PreferencePair[] = Array.from({ length: 9 }, (_, i) => ({
  prompt: words(1 + ((5 * i) % 11), i),
  chosen: words(1 + (i % 5), i + 1),
  rejected: words(1 + ((3 * i) % 7), i + 2),
}))
const sequences = pairs.flatMap(({ prompt, chosen, rejected }) => [
  { prompt, completion: chosen },
  { prompt, completion: rejected },
])

describe('packed prompts', () => {
  test('every sequence is in one part, and rows double until the longest group fits', () => {
    const parts = packedPrompts(sequences, { width: 8, size: 4 })
    expect(parts.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...sequences.keys()])
    const shapes = parts.map(({ shared }) => shared.tokens.shape)
    for (const [rows, width] of shapes) {
      expect([8, 16, 32]).toContain(width)
      expect(rows! * width!).toBeLessThanOrEqual(32)
    }
    expect(shapes.map(([, width]) => width)).toContain(32)
  })

  test('each completion token is predicted by the state of the token before it', () => {
    for (const { members, shared, stateOf } of packedPrompts(sequences, { width: 16, size: 2 })) {
      for (const row of members) {
        const ids = [...sequences[row]!.prompt, ...sequences[row]!.completion]
        const { length } = sequences[row]!.prompt
        for (let i = 0; i <= sequences[row]!.completion.length; i++) {
          expect(shared.tokens.data[stateOf(row, i)]).toBe(ids[length - 1 + i])
          expect(shared.positions.data[stateOf(row, i)]).toBe(length - 1 + i)
        }
      }
    }
  })
})

describe('packed preferences equal padded ones', () => {
  const options = { batchSize: 6, steps: 4, seed: 0, device }
  const losses: [string, PairLoss][] = [
    ['dpo', dpo({ beta: 0.1 })],
    ['orpo', orpo({ beta: 0.1 })],
  ]

  test.each(losses)('%s', async (_, loss) => {
    const [padded, packed] = [tinyTrainable(), tinyTrainable()]
    const common = { ...options, loss, beta: 0.1, reference: noReference }
    const a = await collect(directPreference(padded, pairs, common))
    const b = await collect(
      directPreference(packed, pairs, { ...common, packedLength: 16, microBatchSize: 2 }),
    )
    for (const [i, { metrics }] of a.entries()) {
      for (const [name, value] of Object.entries(metrics))
        expect(b[i]!.metrics[name], name).toBeCloseTo(value, 4)
    }
    expect(largestDifference(padded.parameters, packed.parameters)).toBeLessThan(1e-4)
  })

  test('log-probabilities and rewards', async () => {
    const model = tinyTrainable({ head: 'score' })
    model.parameters['score.weight']!.data.set(words(16, 1))
    for (const scores of [sequenceLogProbs, modelReward]) {
      const plain = await scores(model, { device })(sequences)
      const packed = await scores(model, { device, packedLength: 8, batchSize: 3 })(sequences)
      for (const [i, score] of plain.entries()) expect(packed[i]).toBeCloseTo(score, 4)
    }
  })

  test('a reward model on rankings of three', async () => {
    const rankings = pairs.map(({ prompt, chosen, rejected }, i) => ({
      prompt,
      completions: [chosen, rejected, words(2 + (i % 3), i + 5)],
      margin: i / 10,
    }))
    const [padded, packed] = [tinyTrainable({ head: 'score' }), tinyTrainable({ head: 'score' })]
    const common = { ...options, centring: 0.1 }
    const a = await collect(rewardModel(padded, rankings, common))
    const b = await collect(rewardModel(packed, rankings, { ...common, packedLength: 16, microBatchSize: 1 }))
    for (const [i, { metrics }] of a.entries()) {
      for (const [name, value] of Object.entries(metrics))
        expect(b[i]!.metrics[name], name).toBeCloseTo(value, 4)
    }
    expect(largestDifference(padded.parameters, packed.parameters)).toBeLessThan(1e-4)
  })
})
