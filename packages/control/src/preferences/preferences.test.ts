import { simulatedAnnotator } from '@attune/feedback'
import { ndarray, valueAndGrad } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import { judged, walk } from '../../test/walk.ts'
import { box, discrete } from '../envs/space.ts'
import { type Clip, clipPlaces, trueReturn } from './clip.ts'
import { disagreementPairs, randomPairs } from './fragment.ts'
import { simulatedGatherer } from './gather.ts'
import type { ClipJudgment } from './labels.ts'
import { lapsedPreferenceLoss, preferenceOf } from './objective.ts'
import type { PolicyLearner } from './policy-learner.ts'
import { preferenceComparisons } from './preference-comparisons.ts'
import { rewardLearner } from './reward-learner.ts'
import { rewardNetwork } from './reward-network.ts'

const spaces = { observationSpace: box([1], -1, 1), actionSpace: discrete(2) }
const numbers = {
  seed: 1,
  length: 10,
  learningRate: 3e-3,
  batchSize: 32,
  firstUpdates: 200,
  updates: 50,
  lapse: 0.1,
  weightDecay: 1e-4,
}
const oracle = simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 })

describe('lapsedPreferenceLoss', () => {
  it('is the cross-entropy worked by hand, with its derivative', async () => {
    const program = valueAndGrad((parameters: Record<string, import('@attune/grad').Tensor>) =>
      lapsedPreferenceLoss(
        {
          first: parameters.first!,
          second: parameters.first!.mul(0),
          target: parameters.first!.mul(0).add(1),
          weight: parameters.first!.mul(0).add(1),
        },
        0.1,
      ),
    )
    const { value, grads } = await program({ first: ndarray([2], [1]) })
    const sigmoid = 1 / (1 + Math.exp(-2))
    expect(value).toBeCloseTo(-Math.log(0.9 * sigmoid + 0.05), 5)
    expect(grads.first!.data[0]).toBeCloseTo((-0.9 * sigmoid * (1 - sigmoid)) / (0.9 * sigmoid + 0.05), 5)
    await program.dispose()
  })

  it('never thinks an answer impossible when there are lapses', () => {
    expect(preferenceOf(-1000, 0.1)).toBeCloseTo(0.05, 12)
    expect(preferenceOf(1.3, 0.1) + preferenceOf(-1.3, 0.1)).toBeCloseTo(1, 12)
  })
})

describe('rewardLearner', () => {
  const pairsOf = async (source: string, count: number) => {
    const pairs = await randomPairs(numbers)([walk(source, { steps: 200 })], count, 0)
    return pairs.map(([first, second]) => {
      const gap = trueReturn(first) - trueReturn(second)
      return { first, second, target: gap > 0 ? 1 : 0, answers: 1 }
    })
  }

  it('learns s·a from comparisons, and brings its rewards to mean 0 and deviation 1', async () => {
    const learner = rewardLearner(spaces, rewardNetwork(spaces), numbers)
    const recorded = walk('train', { steps: 200 })
    learner.observe(recorded)
    const metrics = await learner.fit(await pairsOf('train', 250), 0)
    expect(metrics['reward/accuracy']).toBeGreaterThan(0.9)
    expect(metrics['reward/validation_accuracy']).toBeGreaterThan(0.8)
    await learner.calibrate([recorded])
    const rewards = [...(await learner.reward(recorded.rollout))]
    const mean = rewards.reduce((a, b) => a + b, 0) / rewards.length
    expect(mean).toBeCloseTo(0, 3)
    expect(correlation(rewards, [...recorded.rollout.rewards])).toBeGreaterThan(0.9)
    const unseen = await pairsOf('test', 100)
    const returns = await learner.returns(unseen.flatMap(({ first, second }) => [first, second]))
    const right = unseen.filter(
      ({ target }, i) => returns[0]![2 * i]! > returns[0]![2 * i + 1]! === target > 0.5,
    )
    expect(right.length).toBeGreaterThan(80)
    await learner.dispose()
  })

  it('refuses clips that are longer than it was made for', async () => {
    const learner = rewardLearner(spaces, rewardNetwork(spaces), { ...numbers, length: 4 })
    await expect(learner.fit(await pairsOf('train', 1), 0)).rejects.toThrow(
      'has 10 steps, the reward learner takes at most 4',
    )
    await learner.dispose()
    const heavy = () => rewardLearner(spaces, rewardNetwork(spaces), { ...numbers, weightDecay: 0.1 })
    expect(heavy).toThrow('a weight decay of 0.1: expected 0 to 0.01')
  })
})

describe('fragmenters', () => {
  it('pair different clips, the same for the same seed, and none where rollouts are too short', async () => {
    const draw = randomPairs({ seed: 2, length: 10 })
    const pairs = await draw([walk('a')], 20, 3)
    expect(pairs.every(([first, second]) => first.id !== second.id)).toBe(true)
    expect((await draw([walk('a')], 20, 3)).flat().map(({ id }) => id)).toEqual(
      pairs.flat().map(({ id }) => id),
    )
    expect(await draw([walk('a', { steps: 5 })], 3, 0)).toEqual([])
    const few = await draw([walk('a', { steps: 11 })], 100, 0) // 4 places, 6 pairs
    const names = few.map((pair) =>
      pair
        .map(({ id }) => id)
        .sort()
        .join(' '),
    )
    expect([names.length, new Set(names).size]).toEqual([6, 6])
  })

  it('ask about what the ensemble disagrees on', async () => {
    const returns = async (clips: readonly Clip[]) =>
      [1, -1].map((sign) => Float32Array.from(clips, (clip) => sign * trueReturn(clip)))
    const members = { returns, fitted: () => true }
    const pairs = await disagreementPairs(members, { seed: 2, length: 10 })([walk('a')], 5, 0)
    const gap = ([first, second]: (typeof pairs)[number]) => Math.abs(trueReturn(first) - trueReturn(second))
    const all = await randomPairs({ seed: 2, length: 10 })([walk('a')], 50, 0)
    const widest = all.map(gap).sort((a, b) => b - a)
    expect(pairs.map(gap)).toEqual(widest.slice(0, 5))
    const unfitted = { returns, fitted: () => false }
    const first = await disagreementPairs(unfitted, { seed: 2, length: 10 })([walk('a')], 5, 0)
    expect(first).toEqual(await randomPairs({ seed: 2, length: 10 })([walk('a')], 5, 0))
  })
})

describe('preferenceComparisons', () => {
  const walker = (iterations: number): PolicyLearner & { rewards: number[][] } => {
    let iteration = 0
    const rewards: number[][] = []
    return {
      rewards,
      learn: async (reward) => {
        if (iteration === iterations) return undefined
        const recorded = walk(`i${iteration++}`)
        rewards.push(reward ? [...(await reward(recorded.rollout))] : [])
        return { recorded, metrics: {} }
      },
      close: async () => {},
    }
  }
  const roles = (iterations: number) => {
    const rewards = rewardLearner(spaces, rewardNetwork(spaces), {
      ...numbers,
      firstUpdates: 100,
      updates: 20,
    })
    return {
      policy: walker(iterations),
      fragmenter: randomPairs({ seed: 1, length: 10 }),
      gatherer: simulatedGatherer(oracle, { seed: 1 }),
      rewards,
    }
  }

  it('gives nothing before the first labels, and then ever better rewards that never were the task’s', async () => {
    const parts = roles(4)
    const records = []
    for await (const record of preferenceComparisons(parts, { schedule: [60, 60, 60, 60], firstLabels: 1 }))
      records.push(record)
    expect(records.map(({ metrics }) => metrics['labels/given'])).toEqual([60, 120, 180, 240])
    const [first, ...later] = parts.policy.rewards
    expect(first).toEqual([])
    for (const [i, rewards] of later.entries())
      expect(correlation(rewards, [...walk(`i${i + 1}`).rollout.rewards])).toBeGreaterThan(0.6)
    await parts.rewards.dispose()
  })

  it('goes on while answers are late, and asks again for what it could not ask', async () => {
    const parts = roles(3)
    let iteration = 0
    const short = async () =>
      ({ recorded: walk(`s${iteration}`, { steps: iteration++ === 0 ? 5 : 60 }), metrics: {} }) as const
    let asked = 0
    const late = {
      ask: (pairs: readonly unknown[]) => {
        asked += pairs.length
      },
      answers: async () => [],
      waiting: () => asked,
    }
    const waiting: number[] = []
    for await (const { metrics } of preferenceComparisons(
      { ...parts, policy: { ...parts.policy, learn: short }, gatherer: late },
      { schedule: [5, 5, 5], firstLabels: 0 },
    ))
      waiting.push(metrics['labels/waiting']!)
    expect(waiting).toEqual([0, 10, 15])
    await parts.rewards.dispose()
  })

  it('waits for first labels that can be learnt from: none that are taken back, or whose clips are gone', async () => {
    const parts = roles(2)
    const wanted: number[] = []
    const useless = (id: string): ClipJudgment[] => [
      judged(['gone', 'too'], 0, { id }),
      { ...judged(['gone', 'too'], 0), kind: 'retraction', supersedes: id } as unknown as ClipJudgment,
      judged(['gone', 'too'], 1),
    ]
    const gatherer = {
      ask: () => {},
      answers: async (atLeast = 0) => {
        wanted.push(atLeast)
        return useless(String(wanted.length))
      },
      waiting: () => 0,
    }
    for await (const { metrics } of preferenceComparisons(
      { ...parts, gatherer },
      { schedule: [4, 4], firstLabels: 4 },
    ))
      expect(metrics['labels/given']).toBe(0)
    expect(wanted).toEqual([4, 4])
    await parts.rewards.dispose()
  })

  it('says which score of the simulated annotator is not a number', () => {
    const gatherer = simulatedGatherer(oracle, { seed: 1, score: () => Number.NaN })
    const clip = clipPlaces([walk('a')], 5).at(0)
    expect(() => gatherer.ask([[clip, clip]])).toThrow('scores a-e0-t0+5 a-e0-t0+5 as NaN and NaN')
  })
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((x, y) => x + y, 0) / values.length
    return values.map((value) => value - mean)
  }
  const [x, y] = [centred(a), centred(b)]
  const product = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, i) => sum + value * q[i]!, 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}
