import { cpu } from '@attune/grad'
import { describe, expect, test, vi } from 'vitest'
import {
  centredInGroup,
  cispo,
  clipped,
  constantLength,
  type GrpoOptions,
  type GrpoRun,
  grpo,
  leaveOneOut,
  reinforce,
  rewardToGo,
  sequenceMean,
  sequenceRatio,
  sequenceSum,
  standardisedInGroup,
  tokenMean,
  tokenRatio,
} from '../src/index.ts'
import { collect, copyParameters, largestDifference, tinyTrainable } from './tiny.ts'

const options: GrpoOptions = {
  seed: 0,
  steps: 2,
  device: cpu({ threads: 1 }),
  maxNewTokens: 6,
  temperature: 1,
  endOfText: 0,
  groupSize: 4,
  iterations: 1,
  minibatches: 1,
  microBatchSize: 16,
  rewardKlCoefficient: 0,
  maskTruncated: false,
  samplingRounds: 1,
}

const objective: GrpoRun['objective'] = {
  surrogate: clipped(),
  ratio: tokenRatio,
  aggregation: sequenceMean,
  klCoefficient: 0,
}

function setUp(change: Partial<GrpoRun> = {}, learningRate = 0.02): GrpoRun {
  const policy = tinyTrainable({ learningRate })
  return {
    policy,
    reference: { architecture: policy.architecture, parameters: copyParameters(policy.parameters) },
    reward: (samples) => samples.map(({ completion }) => completion.filter((token) => token === 7).length),
    prompts: (step, round) =>
      Array.from({ length: 4 }, (_, i) => [1 + ((i + step + round) % 5), 2].slice(i % 2)),
    objective,
    advantage: standardisedInGroup,
    ...change,
  }
}

const rewards = (records: readonly { metrics: Readonly<Record<string, number>> }[]) => {
  const mean = (part: typeof records) =>
    part.reduce((sum, { metrics }) => sum + metrics.reward!, 0) / part.length
  return { early: mean(records.slice(0, 3)), late: mean(records.slice(-3)) }
}

describe('learns what is rewarded', () => {
  test.each<[string, Partial<GrpoRun>, Partial<GrpoOptions>]>([
    ['GRPO', {}, {}],
    ['GRPO with a penalty on KL', { objective: { ...objective, klCoefficient: 0.02 } }, {}],
    [
      'Dr. GRPO',
      { objective: { ...objective, aggregation: constantLength(6) }, advantage: centredInGroup },
      {},
    ],
    [
      'DAPO',
      { objective: { ...objective, surrogate: clipped({ high: 0.28 }), aggregation: tokenMean } },
      { iterations: 2, samplingRounds: 3 },
    ],
    ['GSPO', { objective: { ...objective, ratio: sequenceRatio } }, { minibatches: 2 }],
    ['CISPO', { objective: { ...objective, surrogate: cispo(), aggregation: tokenMean } }, { iterations: 2 }],
    [
      'RLOO',
      { objective: { ...objective, surrogate: reinforce, aggregation: sequenceSum }, advantage: leaveOneOut },
      { rewardKlCoefficient: 0.02 },
    ],
    [
      'REINFORCE++',
      { objective: { ...objective, aggregation: tokenMean }, advantage: rewardToGo },
      { rewardKlCoefficient: 0.02 },
    ],
  ])('%s', async (_, change, numbers) => {
    const records = await collect(grpo(setUp(change), { ...options, ...numbers, steps: 25 }))
    const { early, late } = rewards(records)
    expect(late).toBeGreaterThan(early + 0.8)
  })
})

test('a batch that is used once starts and ends at ratio 1; with reuse the clip is felt', async () => {
  const [once] = await collect(grpo(setUp(), { ...options, steps: 1 }))
  expect(once!.metrics['clip_ratio/region_mean']).toBe(0)
  const [often] = await collect(grpo(setUp({}, 0.1), { ...options, steps: 1, iterations: 4 }))
  expect(often!.metrics['clip_ratio/region_mean']).toBeGreaterThan(0)
})

test('the policy is its own reference at the start: KL 0', async () => {
  const run = setUp({ objective: { ...objective, klCoefficient: 0.1 } })
  const [first] = await collect(grpo(run, { ...options, steps: 1 }))
  expect(first!.metrics.kl).toBeCloseTo(0, 6)
})

test('micro-batches equal the full batch', async () => {
  const runs = [1, 3, 16].map((microBatchSize) => ({ run: setUp(), microBatchSize }))
  for (const { run, microBatchSize } of runs)
    await collect(grpo(run, { ...options, steps: 1, microBatchSize }))
  const [a, b, c] = runs.map(({ run }) => run.policy.parameters)
  expect(largestDifference(a!, c!)).toBeLessThan(1e-4)
  expect(largestDifference(b!, c!)).toBeLessThan(1e-4)
})

test('stopped and resumed gives the bits of an uninterrupted run', async () => {
  const straight = setUp()
  await collect(grpo(straight, { ...options, steps: 3, iterations: 2 }))
  const begun = setUp()
  await collect(grpo(begun, { ...options, steps: 1, iterations: 2 }))
  const { optimizer } = tinyTrainable({ learningRate: 0.02 })
  optimizer.restore(begun.policy.optimizer.state())
  const revived = { ...begun, policy: { ...begun.policy, optimizer } }
  await collect(grpo(revived, { ...options, start: 1, steps: 3, iterations: 2 }))
  expect(largestDifference(straight.policy.parameters, begun.policy.parameters)).toBe(0)
})

test('equal scores teach nothing', async () => {
  const run = setUp({ reward: (samples) => samples.map(() => 1) }, 0.1)
  const before = copyParameters(run.policy.parameters)
  const [record] = await collect(grpo(run, { ...options, steps: 1 }))
  expect(record!.metrics.frac_reward_zero_std).toBe(1)
  expect(record!.metrics.grad_norm).toBe(0)
  expect(largestDifference(before, run.policy.parameters)).toBeLessThan(1e-6)
})

test('dynamic sampling asks for prompts again until groups differ, or the rounds are over', async () => {
  const prompts = vi.fn(setUp().prompts)
  // only prompts that begin with 3 are scored
  const reward: GrpoRun['reward'] = (samples) =>
    samples.map(({ prompt, completion }, row) => (prompt[0] === 3 ? completion.length + row : 0))
  const [record] = await collect(
    grpo(setUp({ prompts, reward }), { ...options, steps: 1, samplingRounds: 3 }),
  )
  expect(prompts.mock.calls).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
  ])
  expect(record!.metrics.frac_reward_zero_std).toBeGreaterThan(0.5)
})

test('completions that were cut teach nothing when they are masked', async () => {
  const run = setUp({}, 0.1)
  const before = copyParameters(run.policy.parameters)
  const never = 999
  const cut = { ...options, steps: 1, endOfText: never }
  const [record] = await collect(grpo(run, { ...cut, maskTruncated: true }))
  expect(record!.metrics['completions/clipped_ratio']).toBe(1)
  expect(largestDifference(before, run.policy.parameters)).toBe(0)
  await collect(grpo(run, cut))
  expect(largestDifference(before, run.policy.parameters)).toBeGreaterThan(0)
})

test('a penalty without a reference is refused', async () => {
  const { reference: _, ...run } = setUp({ objective: { ...objective, klCoefficient: 0.1 } })
  await expect(collect(grpo(run, options))).rejects.toThrow(/there is no reference/)
})
