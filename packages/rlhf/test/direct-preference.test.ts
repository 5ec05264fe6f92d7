import { cpu } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import {
  bco,
  type DirectPreferenceOptions,
  directPreference,
  dpo,
  type JudgedCompletion,
  kto,
  lengthDesensitised,
  mismatchedKl,
  mixReference,
  noReference,
  onPolicyWeight,
  type PreferencePair,
  remembered,
  runningRewardMean,
  type Sequence,
  type SequencePair,
  type SequenceScores,
  sequenceLogProbs,
  simPo,
  type UnpairedPreferenceOptions,
  unpairedPreference,
  withMovingReference,
} from '../src/index.ts'
import { pairGradient } from '../src/trainers/pair-gradient.ts'
import { collect, copyParameters, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })
const pairs: PreferencePair[] = Array.from({ length: 12 }, (_, i) => ({
  prompt: [1, 2 + (i % 3)],
  chosen: Array.from({ length: 2 + (i % 3) }, () => 5),
  rejected: Array.from({ length: 3 + (i % 2) }, (_, j) => 6 + (j % 2)),
}))

/** A tiny policy with options whose reference is its start. */
function setUp(changes: Partial<DirectPreferenceOptions> = {}) {
  const policy = tinyTrainable()
  const start = { ...policy, parameters: copyParameters(policy.parameters) }
  const reference = sequenceLogProbs(start, { device })
  const options = { loss: dpo({ beta: 0.1 }), beta: 0.1, batchSize: 6, steps: 6, seed: 0, device, reference }
  return { policy, options: { ...options, ...changes } }
}

/** Scores that depend on the batch, as the last bits of a model's do. */
const byBatch: SequenceScores = async (sequences) =>
  sequences.map((_, row) => -3 - 0.1 * sequences.length - 0.01 * row)

describe('direct preference optimisation', () => {
  test('DPO starts at ln 2 with rewards of 0 and learns the pairs', async () => {
    const { policy, options } = setUp({ steps: 30 })
    const records = await collect(directPreference(policy, pairs, options))
    expect(records[0]!.metrics.loss).toBeCloseTo(Math.LN2, 4)
    expect(records[0]!.metrics['rewards/margins']).toBeCloseTo(0, 4)
    const last = records.at(-1)!.metrics
    expect(last['rewards/accuracies']).toBe(1)
    expect(last['rewards/margins']!).toBeGreaterThan(0.5)
    expect(last.loss!).toBeLessThan(0.5)
  })

  test('SimPO learns without a reference', async () => {
    const { policy, options } = setUp({
      loss: simPo({ beta: 2, gamma: 0.5 }),
      reference: noReference,
      steps: 30,
    })
    const records = await collect(directPreference(policy, pairs, options))
    expect(records.at(-1)!.metrics.loss!).toBeLessThan(0.6 * records[0]!.metrics.loss!)
  })

  test('accumulated micro-batches equal the full batch', async () => {
    const [whole, parts] = [setUp(), setUp({ microBatchSize: 2 })]
    const a = await collect(directPreference(whole.policy, pairs, whole.options))
    const b = await collect(directPreference(parts.policy, pairs, parts.options))
    for (const [i, { metrics }] of a.entries()) expect(b[i]!.metrics.loss).toBeCloseTo(metrics.loss!, 5)
    expect(largestDifference(whole.policy.parameters, parts.policy.parameters)).toBeLessThan(2e-4)
  })

  test("WPO's weights are the same where chosen and rejected share the computation of their prompt", async () => {
    const { policy } = setUp()
    const own = Array.from({ length: 6 }, (_, i): SequencePair => {
      const prompt = Array.from({ length: 24 }, (_, t) => 1 + ((5 * t + i) % 11))
      const completed = (completion: readonly number[]) => ({ prompt: [...prompt], completion })
      return [completed([5, 1 + i]), completed([6])]
    })
    const shared = own.map(([a, b]): SequencePair => [a, { ...b, prompt: a.prompt }])
    const gradient = pairGradient(policy.architecture, {
      loss: dpo({ beta: 0.1 }),
      beta: 0.1,
      completionWeight: onPolicyWeight,
      device,
    })
    const numbers = { reference: noReference, microBatchSize: 6 }
    const [apart, together] = [
      await gradient.of(policy.parameters, own, numbers),
      await gradient.of(policy.parameters, shared, numbers),
    ]
    expect(together.loss).toBeCloseTo(apart.loss, 5)
    expect(together.stats['weights/mean']).toBeCloseTo(apart.stats['weights/mean']!, 5)
    expect(largestDifference(together.gradients, apart.gradients)).toBeLessThan(1e-5)
    await gradient.dispose()
  })

  test('stopped and resumed gives the bits of an uninterrupted run', async () => {
    const [straight, resumed] = [setUp(), setUp()]
    await collect(directPreference(straight.policy, pairs, straight.options))
    await collect(directPreference(resumed.policy, pairs, { ...resumed.options, steps: 2 }))
    const policy = { ...resumed.policy, optimizer: tinyTrainable().optimizer }
    policy.optimizer.restore(resumed.policy.optimizer.state())
    await collect(directPreference(policy, pairs, { ...resumed.options, start: 2 }))
    expect(largestDifference(straight.policy.parameters, resumed.policy.parameters)).toBe(0)
  })

  test('resumed, it has the reference scores that it remembered', async () => {
    const options = () => ({ ...setUp().options, microBatchSize: 2, reference: remembered(byBatch) })
    const [straight, stopped] = [setUp(), setUp()]
    await collect(directPreference(straight.policy, pairs, options()))
    await collect(directPreference(stopped.policy, pairs, { ...options(), steps: 3 }))
    const policy = { ...stopped.policy, optimizer: tinyTrainable().optimizer }
    policy.optimizer.restore(stopped.policy.optimizer.state())
    await collect(directPreference(policy, pairs, { ...options(), start: 3 }))
    expect(largestDifference(straight.policy.parameters, policy.parameters)).toBe(0)
  })

  test('a reference that follows at once keeps every step at ln 2; halfway, it lies halfway', async () => {
    const { policy, options } = setUp({ steps: 3 })
    const reference = copyParameters(policy.parameters)
    const moving = sequenceLogProbs({ ...policy, parameters: reference }, { device })
    const records = directPreference(policy, pairs, { ...options, reference: moving })
    const move = { reference, policy: policy.parameters, alpha: 1, every: 1 }
    for (const { metrics } of await collect(withMovingReference(records, move)))
      expect(metrics.loss).toBeCloseTo(Math.LN2, 4)
    expect(largestDifference(reference, policy.parameters)).toBe(0)
    const start = setUp().policy.parameters
    const middle = copyParameters(start)
    mixReference(middle, policy.parameters, 0.5)
    expect(largestDifference(middle, start)).toBeCloseTo(largestDifference(policy.parameters, start) / 2, 6)
  })

  test('length-desensitised: α = 1 is DPO, α = 0 ignores the tail', async () => {
    const run = async (alpha: number, rows: readonly PreferencePair[]) => {
      const { policy, options } = setUp({ steps: 2, tokenWeights: lengthDesensitised(alpha) })
      await collect(directPreference(policy, rows, options))
      return policy.parameters
    }
    const plain = setUp({ steps: 2 })
    await collect(directPreference(plain.policy, pairs, plain.options))
    expect(largestDifference(await run(1, pairs), plain.policy.parameters)).toBeLessThan(1e-5)
    const tails = pairs.map((pair) => ({ ...pair, rejected: [...pair.rejected, 9, 9, 9] }))
    const short = pairs.map(({ prompt, chosen, rejected }) => {
      const shared = Math.min(chosen.length, rejected.length + 3)
      return { prompt, chosen: chosen.slice(0, shared), rejected: [...rejected, 9, 9, 9].slice(0, shared) }
    })
    expect(largestDifference(await run(0, tails), await run(0, short))).toBeLessThan(1e-5)
  })

  test('a remembered reference is asked once for every completion', async () => {
    let asked = 0
    const { policy, options } = setUp({ steps: 8 })
    const reference = remembered(async (sequences) => {
      asked += sequences.length
      return options.reference(sequences)
    })
    const plain = setUp({ steps: 8 })
    await collect(directPreference(policy, pairs, { ...options, reference }))
    await collect(directPreference(plain.policy, pairs, plain.options))
    expect(asked).toBe(2 * pairs.length)
    expect(largestDifference(policy.parameters, plain.policy.parameters)).toBeLessThan(1e-5)
  })
})

describe('learning from thumbs', () => {
  const judged: JudgedCompletion[] = pairs.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen, desirable: true },
    { prompt, completion: rejected, desirable: false },
  ])
  const run = (changes: Partial<UnpairedPreferenceOptions> = {}) => {
    const { policy, options } = setUp()
    const all = { ...options, loss: kto({ beta: 0.1 }), batchSize: 8, ...changes }
    return { policy, records: collect(unpairedPreference(policy, judged, all)) }
  }

  test('KTO starts at ½ with a KL of 0 and tells the two kinds apart', async () => {
    const records = await run({ steps: 40 }).records
    expect(records[0]!.metrics.loss).toBeCloseTo(0.5, 4)
    expect(records[0]!.metrics.kl).toBeCloseTo(0, 4)
    expect(records.at(-1)!.metrics['rewards/margins']!).toBeGreaterThan(0.5)
    expect(records.at(-1)!.metrics.loss!).toBeLessThan(0.42)
  })

  test('accumulated micro-batches equal the full batch', async () => {
    const [whole, parts] = [run(), run({ microBatchSize: 3 })]
    await Promise.all([whole.records, parts.records])
    expect(largestDifference(whole.policy.parameters, parts.policy.parameters)).toBeLessThan(2e-4)
  })

  test.each([
    { name: 'KTO', point: () => mismatchedKl, loss: kto({ beta: 0.1 }) },
    { name: 'BCO', point: () => runningRewardMean(0.1), loss: bco({ beta: 0.1 }) },
  ])('$name resumes with the reference scores that it remembered', async ({ point: pointOf, loss }) => {
    const options = () => ({ loss, microBatchSize: 3, reference: remembered(byBatch) })
    const straight = run({ ...options(), point: pointOf() })
    await straight.records
    const [point, restored] = [pointOf(), pointOf()]
    const stopped = run({ ...options(), point, steps: 4 })
    await stopped.records
    restored.restore(point.state())
    const policy = { ...stopped.policy, optimizer: tinyTrainable().optimizer }
    policy.optimizer.restore(stopped.policy.optimizer.state())
    const rest = { ...setUp().options, ...options(), batchSize: 8, point: restored, start: 4 }
    await collect(unpairedPreference(policy, judged, rest))
    expect(largestDifference(straight.policy.parameters, policy.parameters)).toBe(0)
  })

  test("a row's weight is a factor of its kind's", async () => {
    const { policy, options } = setUp()
    const all = { ...options, loss: bco({ beta: 0.1 }), batchSize: 8 }
    const twice = judged.map((row) => (row.desirable ? row : { ...row, weight: 2 }))
    const byRow = await collect(unpairedPreference(policy, twice, all))
    const byKind = await run({ loss: bco({ beta: 0.1 }), undesirableWeight: 2 }).records
    expect(byRow.map(({ metrics }) => metrics.loss)).toEqual(byKind.map(({ metrics }) => metrics.loss))
  })

  test("another row's completion is cut where it does not fit behind the prompt", async () => {
    const lengths: number[] = []
    const scores = async (rows: readonly Sequence[]) =>
      rows.map(({ prompt, completion }) => lengths.push(prompt.length + completion.length))
    const row = (prompt: number, completion: number) => ({
      prompt: Array<number>(prompt).fill(1),
      completion: Array<number>(completion).fill(2),
    })
    const rows = [row(26, 4), row(4, 26)]
    await mismatchedKl.of(rows, { policy: scores, reference: async () => [0, 0], maxLength: 32 })
    expect(lengths).toEqual([32, 8])
  })

  test('a batch of one', async () => {
    await expect(run({ batchSize: 1 }).records).rejects.toThrow(/the batch has 1 row/)
  })
})
