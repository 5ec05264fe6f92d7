import { cpu, type Parameters, type Tensor, value } from '@attune/grad'
import { logits } from '@attune/lm'
import { describe, expect, test } from 'vitest'
import {
  dpo,
  geometricMixture,
  type NashRun,
  nashMd,
  type OnlineOptions,
  type OnlineRun,
  onlineDpo,
  preferenceOf,
  type StepRecord,
  sampler,
  xpo,
} from '../src/index.ts'
import { collect, copyParameters, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })
const options: OnlineOptions = {
  seed: 0,
  steps: 2,
  device,
  maxNewTokens: 6,
  temperature: 1,
  endOfText: 0,
  beta: 0.1,
  missingEosPenalty: 0,
  microBatchSize: 16,
}

function setUp(change: Partial<OnlineRun> = {}, learningRate = 0.02): OnlineRun {
  const policy = tinyTrainable({ learningRate })
  return {
    policy,
    reference: { architecture: policy.architecture, parameters: copyParameters(policy.parameters) },
    reward: (samples) => samples.map(({ completion }) => completion.filter((token) => token === 7).length),
    prompts: (step) => Array.from({ length: 16 }, (_, i) => [1 + ((i + step) % 5), 2].slice(i % 2)),
    loss: dpo({ beta: 0.1 }),
    ...change,
  }
}

const trainers: Readonly<
  Record<string, (run: OnlineRun, numbers: OnlineOptions) => AsyncGenerator<StepRecord>>
> = {
  'online DPO': onlineDpo,
  XPO: (run, numbers) => xpo(run, { ...numbers, alpha: 1e-3 }),
  'Nash-MD': (run, numbers) => nashMd(run, { ...numbers, mixtureCoefficient: 0.25 }),
}

describe.each(Object.entries(trainers))('%s', (name, train) => {
  test('starts at KL 0 and learns what is rewarded', async () => {
    const records = await collect(train(setUp(), { ...options, steps: 30 }))
    const scores = records.map(({ metrics }) => metrics['objective/scores']!)
    const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length
    expect(Math.abs(records[0]!.metrics['objective/kl']!)).toBeLessThan(1e-4)
    expect(mean(scores.slice(-5))).toBeGreaterThan(mean(scores.slice(0, 5)) + 0.5)
    expect(records.at(-1)!.metrics).toHaveProperty('completions/distinct_2')
    if (name === 'online DPO') expect(records[0]!.metrics.loss).toBeCloseTo(Math.LN2, 5)
  })

  test('micro-batches equal the full batch', async () => {
    const [whole, parts] = [setUp(), setUp()]
    await collect(train(whole, { ...options, steps: 1 }))
    await collect(train(parts, { ...options, steps: 1, microBatchSize: 3 }))
    expect(largestDifference(whole.policy.parameters, parts.policy.parameters)).toBeLessThan(2e-4)
  })

  test('stopped and resumed gives the bits of an uninterrupted run', async () => {
    const [straight, begun] = [setUp(), setUp()]
    await collect(train(straight, { ...options, steps: 3 }))
    await collect(train(begun, { ...options, steps: 1 }))
    const { optimizer } = tinyTrainable({ learningRate: 0.02 })
    optimizer.restore(begun.policy.optimizer.state())
    const policy = { ...begun.policy, optimizer }
    await collect(train({ ...begun, policy }, { ...options, start: 1, steps: 3 }))
    expect(largestDifference(straight.policy.parameters, policy.parameters)).toBe(0)
  })
})

test.each(['XPO', 'Nash-MD'])(
  '%s: whoever watches the reward sees the completions of the policy alone',
  async (name) => {
    const judged = { policy: 0, opponent: 0 }
    const counting =
      (whose: keyof typeof judged): OnlineRun['reward'] =>
      (samples) => {
        judged[whose] += samples.length
        return samples.map(({ completion }) => completion.length)
      }
    const run = setUp({ reward: counting('policy'), opponentReward: counting('opponent') })
    await collect(trainers[name]!(run, { ...options, steps: 1 }))
    expect(judged).toEqual({ policy: 16, opponent: 16 })
  },
)

describe('Nash-MD', () => {
  const learnt = async (change: Partial<NashRun>, missingEosPenalty: number) => {
    const run = { ...setUp(), ...change }
    await collect(nashMd(run, { ...options, steps: 1, missingEosPenalty, mixtureCoefficient: 0.25 }))
    return run.policy.parameters
  }

  test('a reward and the preference that it stands for teach the same', async () => {
    const { reward } = setUp()
    const [scored, preferred] = [await learnt({}, 0), await learnt({ preference: preferenceOf(reward) }, 0)]
    expect(largestDifference(scored, preferred)).toBe(0)
  })

  test('a completion that did not end is the worse for it', async () => {
    const reward = () => Array<number>(16).fill(0)
    const [free, fined] = [await learnt({ reward }, 0), await learnt({ reward }, 5)]
    expect(largestDifference(free, fined)).toBeGreaterThan(1e-3)
  })
})

test('pairs of equal scores teach nothing', async () => {
  const run = setUp({ reward: (samples) => samples.map(() => 1) })
  const before = copyParameters(run.policy.parameters)
  const [record] = await collect(onlineDpo(run, { ...options, steps: 1 }))
  expect(record!.metrics.frac_reward_zero_std).toBe(1)
  expect(largestDifference(before, run.policy.parameters)).toBe(0)
})

describe('the geometric mixture', () => {
  const policy = tinyTrainable()
  const reference = { ...policy, parameters: copyParameters(policy.parameters) }
  for (const { data } of Object.values(reference.parameters))
    for (let i = 0; i < data.length; i++) data[i]! *= 1.3

  const scores = async (model: { architecture: typeof policy.architecture; parameters: Parameters }) => {
    const program = value<[Parameters], Tensor>(
      (weights) => {
        const tokens = weights.tokens!.cast('int32')
        return logits(
          model.architecture,
          weights,
          model.architecture.trunk(weights, { tokens }).hidden,
        ).logSoftmax(-1)
      },
      { device },
    )
    const tokens = { shape: [1, 4], dtype: 'float32' as const, data: Float32Array.from([1, 5, 3, 7]) }
    return [...(await program({ ...model.parameters, tokens })).data]
  }

  test('has the weighed log-probabilities of both, renormalised', async () => {
    const [own, other] = [await scores(policy), await scores(reference)]
    const mixed = await scores(geometricMixture(policy, reference, 0.25))
    for (let row = 0; row < mixed.length; row += 12) {
      const raw = mixed.slice(row, row + 12).map((_, i) => 0.75 * own[row + i]! + 0.25 * other[row + i]!)
      const normaliser = Math.log(raw.reduce((sum, x) => sum + Math.exp(x), 0))
      raw.forEach((x, i) => {
        expect(mixed[row + i]).toBeCloseTo(x - normaliser, 4)
      })
    }
  })

  test('at c = 0 it samples as the policy does', async () => {
    const prompts = [[1, 2], [3]]
    const numbers = { ...options, maxNewTokens: 8, seed: 5 }
    const tokensOf = async (model: typeof reference) => {
      const actor = sampler(model, { device })
      const drawn = await actor.sample(prompts, numbers)
      await actor.dispose()
      return drawn.map(({ tokens }) => tokens)
    }
    const mixture = geometricMixture(policy, reference, 0)
    expect(await tokensOf({ ...policy, ...mixture })).toEqual(await tokensOf(policy))
  })
})
