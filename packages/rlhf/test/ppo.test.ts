import { cpu } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import {
  adaptiveKl,
  doublingKl,
  fixedKl,
  type PpoOptions,
  type PpoRun,
  penalisedSurrogate,
  ppo,
  type Reward,
  rewardHead,
  sequenceBatch,
  valueHead,
} from '../src/index.ts'
import { collect, copyParameters, largestDifference, tinyTrainable } from './tiny.ts'

const device = cpu({ threads: 1 })

/** Likes token 7. */
const sevens: Reward = (samples) =>
  samples.map(({ completion }) => completion.filter((token) => token === 7).length)

const options: PpoOptions = {
  seed: 0,
  steps: 2,
  device,
  maxNewTokens: 6,
  temperature: 1,
  endOfText: 0,
  missingEosPenalty: 0,
  gamma: 1,
  lambda: 0.95,
  whitenRewards: false,
  epochs: 2,
  minibatches: 2,
  microBatchSize: 16,
  valueClipRange: 0.2,
  valueCoefficient: 0.1,
  entropyCoefficient: 0,
}

function setUp(change: Partial<PpoRun> = {}, learningRate = 0.01): PpoRun {
  const policy = tinyTrainable({ learningRate })
  return {
    policy,
    critic: tinyTrainable({ learningRate, head: rewardHead }),
    reference: { architecture: policy.architecture, parameters: copyParameters(policy.parameters) },
    reward: sevens,
    prompts: (step) => Array.from({ length: 16 }, (_, i) => [1 + ((i + step) % 5), 2].slice(i % 2)),
    kl: fixedKl(0.05),
    ...change,
  }
}

function sharedTrunk(learningRate = 0.01): PpoRun {
  const policy = tinyTrainable({ learningRate, head: valueHead })
  const { critic: _, ...rest } = setUp()
  return {
    ...rest,
    policy,
    reference: { architecture: policy.architecture, parameters: copyParameters(policy.parameters) },
  }
}

describe('ppo', () => {
  test('the first iteration starts at ratio 1 and KL 0', async () => {
    const [first] = await collect(ppo(setUp({}, 0), { ...options, steps: 1 }))
    expect(first!.metrics['objective/kl']).toBeCloseTo(0, 5)
    expect(first!.metrics['val/ratio']).toBeCloseTo(1, 6)
    expect(first!.metrics['policy/approxkl_avg']).toBeLessThan(1e-10)
    expect(first!.metrics['policy/clipfrac_avg']).toBe(0)
  })

  test.each([
    ['a separate critic', () => setUp()],
    ['a critic on the shared trunk', () => sharedTrunk()],
    [
      'PPO-Penalty',
      () => setUp({ surrogate: penalisedSurrogate, penalty: doublingKl({ initial: 1, target: 0.02 }) }),
    ],
    [
      'an adaptive KL coefficient',
      () => setUp({ kl: adaptiveKl({ initial: 0.05, target: 2, horizon: 500 }) }),
    ],
    [
      'two rewards in one',
      () =>
        setUp({
          reward: async (samples) => (await sevens(samples)).map((score) => 0.5 * score + 0.5 * score),
        }),
    ],
  ])('learns what is rewarded with %s', async (_, make) => {
    const records = await collect(ppo(make(), { ...options, steps: 25 }))
    const scores = records.map(({ metrics }) => metrics['objective/scores']!)
    const early = scores.slice(0, 3).reduce((a, b) => a + b) / 3
    const late = scores.slice(-3).reduce((a, b) => a + b) / 3
    expect(late).toBeGreaterThan(early + 1)
    expect(records.at(-1)!.metrics['objective/kl']!).toBeGreaterThan(0)
  })

  test('PPO-Penalty adapts to how far the updates went, not to where they began', async () => {
    const penalty = doublingKl({ initial: 1, target: 1e-7 })
    const run = setUp({ surrogate: penalisedSurrogate, penalty })
    const [record] = await collect(ppo(run, { ...options, steps: 1, epochs: 1, minibatches: 1 }))
    expect(record!.metrics['policy/kl_old']).toBeGreaterThan(1.5e-7)
    expect(penalty.coefficient()).toBe(2)
  })

  test('a large KL coefficient holds the policy at the reference', async () => {
    const free = await collect(ppo(setUp({ kl: fixedKl(0) }), { ...options, steps: 12 }))
    const held = await collect(ppo(setUp({ kl: fixedKl(5) }), { ...options, steps: 12 }))
    expect(held.at(-1)!.metrics['objective/kl']!).toBeLessThan(0.3 * free.at(-1)!.metrics['objective/kl']!)
  })

  test('micro-batches equal the full minibatch', async () => {
    const [whole, parts] = [setUp(), setUp()]
    await collect(ppo(whole, { ...options, steps: 1 }))
    await collect(ppo(parts, { ...options, steps: 1, microBatchSize: 3 }))
    expect(largestDifference(whole.policy.parameters, parts.policy.parameters)).toBeLessThan(1e-4)
    expect(largestDifference(whole.critic!.parameters, parts.critic!.parameters)).toBeLessThan(1e-4)
  })

  test.each([
    ['a separate critic', setUp],
    ['a critic on the shared trunk', sharedTrunk],
  ])('completions that share a prompt are learnt as if each had its own, with %s', async (_, make) => {
    const prompts = [20, 16].map((length) => Array.from({ length }, (_, i) => 1 + ((5 * i + length) % 11)))
    const rows = Array.from({ length: 16 }, (_, i) => prompts[i % 2]!)
    const ended = rows.slice(8).map((prompt) => ({ prompt, completion: [1, 2, 3, 4, 5, 6] }))
    expect(sequenceBatch(ended).shared).toBeDefined() // even a minibatch of the longest completions shares
    const together = { ...make(), prompts: () => rows }
    const apart = { ...make(), prompts: () => rows.map((prompt) => [...prompt]) }
    const once = { ...options, steps: 1, entropyCoefficient: 0.1 }
    const [some] = await collect(ppo(together, once))
    const [all] = await collect(ppo(apart, once))
    expect(some!.samples).toHaveLength(4)
    for (const [i, { completion }] of some!.samples!.entries())
      expect(completion).toEqual(all!.samples![i]!.completion)
    for (const name of ['loss/policy_avg', 'loss/value_avg', 'policy/entropy_avg', 'objective/kl'])
      expect(some!.metrics[name]!).toBeCloseTo(all!.metrics[name]!, 4)
    expect(largestDifference(together.policy.parameters, apart.policy.parameters)).toBeLessThan(1e-4)
    if (together.critic)
      expect(largestDifference(together.critic.parameters, apart.critic!.parameters)).toBeLessThan(1e-4)
  })

  test('stopped and resumed gives the bits of an uninterrupted run', async () => {
    const controller = () => adaptiveKl({ initial: 0.1, target: 1, horizon: 100 })
    const straight = setUp({ kl: controller() })
    await collect(ppo(straight, { ...options, steps: 3 }))
    const begun = setUp({ kl: controller() })
    await collect(ppo(begun, { ...options, steps: 1 }))
    const kl = controller()
    kl.restore(begun.kl.coefficient())
    const revived = (model: PpoRun['policy']) => {
      const { optimizer } = tinyTrainable()
      optimizer.restore(model.optimizer.state())
      return { ...model, optimizer }
    }
    await collect(
      ppo(
        { ...begun, kl, policy: revived(begun.policy), critic: revived(begun.critic!) },
        { ...options, start: 1, steps: 3 },
      ),
    )
    expect(largestDifference(straight.policy.parameters, begun.policy.parameters)).toBe(0)
    expect(largestDifference(straight.critic!.parameters, begun.critic!.parameters)).toBe(0)
  })

  test('the penalty of a missing end is subtracted', async () => {
    const once = { ...options, steps: 1, endOfText: [0, 5] }
    const [plain] = await collect(ppo(setUp({}, 0), once))
    const [fined] = await collect(ppo(setUp({}, 0), { ...once, missingEosPenalty: 2 }))
    const unended = 1 - plain!.metrics['val/num_eos_tokens']! / 16
    expect(fined!.metrics['objective/scores']).toBeCloseTo(
      plain!.metrics['objective/scores']! - 2 * unended,
      5,
    )
  })

  test('PPO-ptx keeps the policy good at its pretraining rows', async () => {
    const rows = [{ prompt: [1], completion: [9, 9, 9, 9] }]
    const mixed = await collect(
      ppo(setUp({ pretraining: { rows: () => rows, coefficient: 1 } }), { ...options, steps: 10 }),
    )
    expect(mixed.at(-1)!.metrics['loss/pretraining_avg']!).toBeLessThan(
      0.5 * mixed[0]!.metrics['loss/pretraining_avg']!,
    )
  })

  test('the entropy bonus keeps the policy random', async () => {
    const run = (entropyCoefficient: number) =>
      collect(
        ppo(setUp({ reward: () => new Array(16).fill(0), kl: fixedKl(0) }), {
          ...options,
          steps: 10,
          entropyCoefficient,
        }),
      )
    const [without, withBonus] = [await run(0), await run(1)]
    expect(withBonus.at(-1)!.metrics['policy/entropy_avg']!).toBeGreaterThan(
      without.at(-1)!.metrics['policy/entropy_avg']!,
    )
  })
})
