import { randomKey } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { box } from '../envs/space.ts'
import { gameEnvironment } from '../games/game.ts'
import { gridWorld } from '../games/grid-world.ts'
import { radialFeatures } from '../tamer/features.ts'
import { greedyAction } from '../tamer/linear.ts'
import { epsilonMeans } from './behaviour.ts'
import { preferenceBasedPolicyIteration, type Trace } from './policy-iteration.ts'
import { type PolicySearchOptions, preferenceBasedPolicySearch, type Shown } from './policy-search.ts'
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

  it('refuses a distance that is none', () => {
    for (const epsilon of [Number.NaN, 0, -1])
      expect(() => epsilonMeans(epsilon)).toThrow(`an epsilon of ${epsilon}: expected a distance above 0`)
  })
})

describe('preferenceBasedPolicySearch', () => {
  const places = 16
  /** Shares of time at the places: softmax of the parameters. All policies are at all places, more or less. */
  const play = async (parameters: Float32Array) => {
    const odds = [...parameters].map(Math.exp)
    const sum = odds.reduce((a, b) => a + b)
    return odds.flatMap((odd, place) => {
      const steps = Math.round((60 * odd) / sum)
      return Array.from({ length: steps }, () => Float32Array.of(place))
    })
  }
  /** The expert likes the far places: from 0 to 1, 0.5 at the start. */
  const worth = ({ states }: Shown) =>
    states.reduce((sum, [place]) => sum + place!, 0) / states.length / (places - 1)
  const run = {
    initial: new Float32Array(places),
    play,
    compare: async (a: Shown, b: Shown) => (worth(a) > worth(b) ? (0 as const) : (1 as const)),
    behaviours: epsilonMeans(0.5),
  }
  const numbers = { seed: 1, rounds: 12, candidates: 10, sigma: 0.2, cost: 10, exploration: 0.1 }

  /** What the best policies of eight seeds are worth, on average. */
  const search = async (changed: Partial<PolicySearchOptions>) => {
    let sum = 0
    for (let seed = 1; seed <= 8; seed++) {
      const options = { ...numbers, ...changed, seed }
      for await (const { step, best } of preferenceBasedPolicySearch(run, options))
        if (step === options.rounds) sum += worth(best)
    }
    return sum / 8
  }

  it('finds what the expert likes sooner by trying mutants that only the ranking machine judges', async () => {
    const found = await search({})
    expect(found).toBeGreaterThan(0.8)
    expect(found).toBeGreaterThan((await search({ candidates: 1 })) + 0.12)
    expect(found).toBeGreaterThan((await search({ cost: 0 })) + 0.06) // chosen for being new alone
  })

  it('refuses rounds without candidates', async () => {
    for (const candidates of [0, 1.5, Number.NaN])
      await expect(preferenceBasedPolicySearch(run, { ...numbers, candidates }).next()).rejects.toThrow(
        `${candidates} candidates a round: expected a whole number from 1`,
      )
  })
})

describe('preferenceBasedPolicyIteration', () => {
  const short = {
    seed: 1,
    iterations: 1,
    states: 1,
    rollouts: 1,
    horizon: 1,
    exploration: 0,
    learningRate: 1,
    epochs: 1,
  }

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
    await expect(preferenceBasedPolicyIteration(run, short).next()).rejects.toThrow(
      'MountainCar-v0: every action of a state',
    )
  })

  const world = gameEnvironment(gridWorld('S....\n.....\n....G', { slip: 0.5 }))
  const perAction = {
    size: 4,
    actions: 4,
    of: (_: Float32Array, action: number) => Float32Array.from({ length: 4 }, (_, i) => Number(i === action)),
  }

  it('compares rollouts that differ, and the same two only once', async () => {
    const run = {
      environment: world,
      features: perAction,
      weights: new Float32Array(4),
      compare: () => 0 as const,
    }
    const options = { ...short, iterations: 2, rollouts: 3, horizon: 6 }
    const given: number[] = []
    for await (const { metrics } of preferenceBasedPolicyIteration(run, options))
      given.push(metrics['labels/given']!)
    expect(given[1]).toBeGreaterThan(given[0]! + 6) // the ranker has no ties any more: the world's chance differs
  })

  it('says which features and weights do not fit the environment', async () => {
    const run = { environment: world, features: perAction, weights: new Float32Array(4) }
    const first = (change: object) =>
      preferenceBasedPolicyIteration({ ...run, compare: () => 'tie', ...change }, short).next()
    await expect(first({ features: { ...perAction, actions: 3 } })).rejects.toThrow(
      'GridWorld has 4 actions, the features have 3',
    )
    await expect(first({ weights: new Float32Array(5) })).rejects.toThrow(
      'GridWorld: there are 5 weights for 4 features',
    )
  })
})
