import { randomKey } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { box } from '../envs/space.ts'
import { radialFeatures } from '../tamer/features.ts'
import { greedyAction } from '../tamer/linear.ts'
import { epsilonMeans } from './behaviour.ts'
import { preferenceBasedPolicyIteration, type Trace } from './policy-iteration.ts'
import { preferenceBasedPolicySearch, type Shown } from './policy-search.ts'
import { rankingSvm } from './ranking-svm.ts'

describe('rankingSvm', () => {
  it('has the widest margin of a separable ranking, and stops at C', () => {
    const pair = (x: number, y: number) => ({ better: Float32Array.of(x, y), worse: Float32Array.of(0, 0) })
    // Constraints w·(1, 1) ≥ 1 and w·(1, −1) ≥ 1: the shortest w is (1, 0).
    const weights = rankingSvm([pair(1, 1), pair(1, -1)], { cost: 10 })
    expect(weights[0]).toBeCloseTo(1, 6)
    expect(weights[1]).toBeCloseTo(0, 6)
    expect([...rankingSvm([pair(2, 0)], { cost: 0.1 })]).toEqual([expect.closeTo(0.2, 6), 0])
  })
})

describe('epsilonMeans', () => {
  it('founds a region for what is far from all, and shares time out', () => {
    const space = epsilonMeans(1)
    const at = (...xs: number[]) => xs.map((x) => Float32Array.of(x))
    const first = space.describe(at(0, 0.5, 3, 3.2))
    expect([...first]).toEqual([0.5, 0.5])
    expect([...space.describe(at(10, 0, 0, 0))]).toEqual([0.75, 0, 0.25])
    expect([...space.widen(first)]).toEqual([0.5, 0.5, 0])
  })
})

describe('preferenceBasedPolicySearch', () => {
  const target = [0.8, -0.6]
  const distanceTo = ({ parameters }: Pick<Shown, 'parameters'>) =>
    Math.hypot(parameters[0]! - target[0]!, parameters[1]! - target[1]!)
  const search = async (candidates: number) => {
    const run = {
      initial: Float32Array.of(-1, 1),
      play: async (parameters: Float32Array) => [parameters],
      compare: async (a: Shown, b: Shown) => (distanceTo(a) < distanceTo(b) ? (0 as const) : (1 as const)),
      behaviours: epsilonMeans(0.25),
    }
    const options = { seed: 2, rounds: 40, candidates, sigma: 0.3, cost: 10, exploration: 0.3 }
    let found: Float32Array = run.initial
    let successes = 0
    for await (const { best, metrics } of preferenceBasedPolicySearch(run, options)) {
      found = best.parameters
      successes += metrics.success!
    }
    return { error: distanceTo({ parameters: found }), successes }
  }

  it('comes to what the expert likes within 40 comparisons', async () => {
    const { error, successes } = await search(10)
    expect(error).toBeLessThan(0.25)
    expect(successes).toBeGreaterThan(4)
  })
})

describe('preferenceBasedPolicyIteration', () => {
  it('balances a pole from comparisons of what follows each action', async () => {
    const environment = await makeEnvironment('CartPole-v1', { maxSteps: 200 })
    const seen = { ...environment, observationSpace: box([4], [-2.4, -3, -0.21, -3], [2.4, 3, 0.21, 3]) }
    const features = radialFeatures(seen.observationSpace, 2, 3)
    const weights = new Float32Array(features.size)
    const longer = (a: Trace, b: Trace) =>
      a.rewards.length === b.rewards.length ? 'tie' : a.rewards.length > b.rewards.length ? 0 : 1
    const options = {
      seed: 1,
      iterations: 4,
      states: 60,
      rollouts: 1,
      horizon: 40,
      exploration: 0.2,
      learningRate: 1,
      epochs: 20,
    }
    const lengths = () =>
      Array.from({ length: 5 }, (_, i) => {
        const random = randomKey(9, i)
        let observation = environment.reset(500 + i)
        for (let t = 1; ; t++) {
          const step = environment.step(greedyAction(weights, { observation, features, random }))
          observation = step.observation
          if (step.terminated || step.truncated) return t
        }
      })
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const before = mean(lengths())
    let comparisons = 0
    for await (const { metrics } of preferenceBasedPolicyIteration(
      { environment: seen, features, weights, compare: longer },
      options,
    ))
      comparisons = metrics['labels/given']!
    expect(comparisons).toBe(240)
    expect(mean(lengths())).toBeGreaterThan(3 * before)
  })

  it('says when states cannot be restored', async () => {
    const { restore: _, ...environment } = await makeEnvironment('MountainCar-v0')
    const features = radialFeatures(environment.observationSpace, 3)
    const run = {
      environment,
      features,
      weights: new Float32Array(features.size),
      compare: () => 'tie' as const,
    }
    const options = {
      seed: 1,
      iterations: 1,
      states: 1,
      rollouts: 1,
      horizon: 1,
      exploration: 0,
      learningRate: 1,
      epochs: 1,
    }
    await expect(preferenceBasedPolicyIteration(run, options).next()).rejects.toThrow(
      'MountainCar-v0: every action',
    )
  })
})
