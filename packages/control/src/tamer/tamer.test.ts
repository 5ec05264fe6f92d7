import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { box } from '../envs/space.ts'
import { timeLimit } from '../envs/time-limit.ts'
import { gameEnvironment } from '../games/game.ts'
import { gridWorld } from '../games/grid-world.ts'
import { credits, gammaDelay, uniformDelay } from './credit.ts'
import { binFeatures, radialFeatures } from './features.ts'
import { greedyReturns } from './greedy.ts'
import type { LinearRun } from './linear.ts'
import { type RecordedStep, recordedTrainer } from './recorded.ts'
import { sarsa } from './sarsa.ts'
import { tamer } from './tamer.ts'
import { simulatedTrainer, type TamerTrainer } from './trainer.ts'

describe('credit', () => {
  it('is worked by hand for a uniform delay', () => {
    const steps = [0, 1, 2].map((start) => ({ start, end: start + 1 }))
    const found = credits(3, steps, uniformDelay(0.5, 2.5))
    for (const [i, expected] of [0.25, 0.5, 0.25].entries()) expect(found[i]).toBeCloseTo(expected, 12)
  })

  it('is that of an Erlang delay for whole shapes', () => {
    const [scale, x] = [0.28, 0.9]
    const erlang = 1 - Math.exp(-x / scale) * (1 + x / scale)
    expect(gammaDelay(2, scale)(x)).toBeCloseTo(erlang, 9)
    expect(gammaDelay(1, 2)(3)).toBeCloseTo(1 - Math.exp(-1.5), 9)
    expect(gammaDelay(0.5, 2)(1)).toBeCloseTo(0.6826894921370859, 8) // χ² with one degree of freedom
  })

  it('is never negative, and sums to 1 over all that may have caused the signal', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 5, noNaN: true }),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (shape, scale, width) => {
          const count = Math.ceil(60 / width)
          const steps = Array.from({ length: count }, (_, i) => ({ start: i * width, end: (i + 1) * width }))
          const found = credits(count * width, steps, gammaDelay(shape, scale))
          expect(found.every((credit) => credit >= -1e-12)).toBe(true)
          expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 8)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('refuses densities that are none', () => {
    expect(() => uniformDelay(1, 1)).toThrow('a delay from 1 to 1 s')
    expect(() => gammaDelay(0, 1)).toThrow('shape 0')
  })
})

describe('features', () => {
  const square = box([2], 0, 1)

  it('sum to 1 over the bumps of an action, beside its bias', () => {
    const { of } = radialFeatures(square, 2, 3)
    const features = of(Float32Array.of(0.2, 0.9), 1)
    expect(features.subarray(10, 19).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
    expect([...features.subarray(0, 10), features[19]]).toEqual([...new Array(10).fill(0), Math.fround(0.1)])
  })

  it('refuse grids that are none', () => {
    expect(() => radialFeatures(square, 2, 1)).toThrow('1 features per side: expected a whole number from 2')
    expect(() => binFeatures(square, 2, 0)).toThrow('0 features per side: expected a whole number from 1')
    for (const low of [1, Number.NaN, -Infinity])
      expect(() => radialFeatures(box([2], [0, low], 1), 2)).toThrow(
        `observation[1] lies from ${low} to 1: a grid of features needs finite bounds, low < high`,
      )
  })
})

const corridor = `
  S....
  .###.
  ....G`

const world = () => timeLimit(gameEnvironment(gridWorld(corridor)), 60)
const goal = { row: 2, column: 4 }

/** Minus the distance to the goal after a move, walls unheeded but for the start's way round. */
function values(observation: Float32Array): number[] {
  const cell = observation.indexOf(1)
  const [row, column] = [Math.floor(cell / 5), cell % 5]
  const distance = (r: number, c: number) => {
    const wall = r < 0 || r > 2 || c < 0 || c > 4 || (r === 1 && c > 0 && c < 4)
    return wall ? -99 : -Math.abs(goal.row - r) - Math.abs(goal.column - c)
  }
  return [
    distance(row - 1, column),
    distance(row, column + 1),
    distance(row + 1, column),
    distance(row, column - 1),
  ]
}

const table = {
  size: 15 * 4,
  actions: 4,
  of: (observation: Float32Array, action: number) => {
    const features = new Float32Array(60)
    features[observation.indexOf(1) * 4 + action] = 1
    return features
  },
}

const numbers = {
  learningRate: 0.3,
  secondsPerStep: 0.5,
  delay: uniformDelay(0.2, 0.6),
  memory: 3,
}

async function lengths(
  records: AsyncIterable<{ metrics: Readonly<Record<string, number>> }>,
): Promise<number[]> {
  const found: number[] = []
  for await (const { metrics } of records) found.push(metrics['rollout/steps']!)
  return found
}

describe('tamer', () => {
  const train = (error: number, seed = 3) => {
    const trainer = simulatedTrainer({ seed, values, attention: 0.8, error, delay: [0.2, 0.6] })
    const run = { environment: world(), features: table, weights: new Float32Array(60), trainer }
    return lengths(tamer(run, { ...numbers, seed, episodes: 12 }))
  }

  it('learns the shortest way from late signals, of which some are wrong', async () => {
    const steps = await train(0.1)
    expect(steps.slice(2).filter((length) => length === 6).length).toBeGreaterThan(5)
  })

  it('learns sooner than Sarsa does from the reward', async () => {
    const run = { environment: world(), features: table, weights: new Float32Array(60) }
    const alone = await lengths(
      sarsa(run, { seed: 3, episodes: 12, alpha: 0.3, gamma: 1, lambda: 0.8, epsilon: 0.1 }),
    )
    const sum = (all: number[]) => all.reduce((a, b) => a + b, 0)
    expect(sum(await train(0.05))).toBeLessThan(sum(alone))
  })

  it('learns nothing without signals', async () => {
    const weights = new Float32Array(60)
    const silent = { watch: () => [] }
    await lengths(
      tamer(
        { environment: world(), features: table, weights, trainer: silent },
        { ...numbers, seed: 0, episodes: 1 },
      ),
    )
    expect(weights.every((weight) => weight === 0)).toBe(true)
  })

  it('forgets no step that a signal may be about', async () => {
    const run = { environment: world(), features: table, weights: new Float32Array(60) }
    const trained = (memory: number) =>
      tamer(
        { ...run, trainer: { watch: () => undefined } },
        { ...numbers, delay: uniformDelay(0.2, 5), memory, seed: 0, episodes: 1 },
      ).next()
    await expect(trained(3)).rejects.toThrow('a memory of 3 s holds 58 % of the delays, expected 99 %')
    await expect(trained(Number.NaN)).rejects.toThrow('a memory of NaN s')
    expect((await trained(5)).done).toBe(true)
  })

  it('says which features and weights do not fit, as Sarsa and greedy episodes do', async () => {
    const [seed, episodes, trainer] = [0, 1, { watch: () => [] }]
    const learner = { seed, episodes, alpha: 0.3, gamma: 1, lambda: 0.8, epsilon: 0 }
    const users = [
      async (run: LinearRun) => lengths(tamer({ ...run, trainer }, { ...numbers, seed, episodes })),
      async (run: LinearRun) => lengths(sarsa(run, learner)),
      async (run: LinearRun) => greedyReturns(run, { seed, episodes }),
    ]
    const run = { environment: world(), features: table, weights: new Float32Array(60) }
    for (const using of users) {
      await expect(using({ ...run, features: { ...table, actions: 3 } })).rejects.toThrow(
        'GridWorld has 4 actions, the features have 3',
      )
      await expect(using({ ...run, weights: new Float32Array(59) })).rejects.toThrow(
        'GridWorld: there are 59 weights for 60 features',
      )
      await expect(using({ ...run, weights: new Float32Array(60).fill(Number.NaN) })).rejects.toThrow(
        'the value of action 0 is NaN, expected a finite number',
      )
    }
  })

  it('does not diverge on features of any size', async () => {
    const large = { ...table, of: (o: Float32Array, a: number) => table.of(o, a).map((x) => 30 * x) }
    const weights = new Float32Array(60)
    const trainer = simulatedTrainer({ seed: 3, values, attention: 1, error: 0.1, delay: [0.2, 0.6] })
    const run = { environment: world(), features: large, weights, trainer }
    const steps = await lengths(tamer(run, { ...numbers, seed: 3, episodes: 12 }))
    expect(Math.max(...weights.map((weight) => Math.abs(30 * weight)))).toBeLessThan(3)
    expect(Math.min(...steps)).toBe(6)
  })

  it('is made again by a record of its steps and signals, to the same bits', async () => {
    const trainer = simulatedTrainer({ seed: 3, values, attention: 0.8, error: 0.1, delay: [0.2, 0.6] })
    const steps: RecordedStep[] = []
    const recording: TamerTrainer = {
      watch: async (shown) => {
        const signals = (await trainer.watch(shown)) ?? []
        steps.push({ action: shown.action, start: shown.start, end: shown.end, signals })
        return signals
      },
    }
    const train = async (by: TamerTrainer) => {
      const weights = new Float32Array(60)
      const run = { environment: world(), features: table, weights, trainer: by }
      return { weights, lengths: await lengths(tamer(run, { ...numbers, seed: 3, episodes: 4 })) }
    }
    const first = await train(recording)
    expect(await train(recordedTrainer(JSON.parse(JSON.stringify(steps))))).toEqual(first)
    const part = await train(recordedTrainer(steps.slice(0, -1)))
    expect(part.lengths).toEqual(first.lengths.slice(0, 3)) // nobody watches any more: it ends there
    const wrong = steps.map((step, i) => (i === 5 ? { ...step, action: (step.action + 1) % 4 } : step))
    await expect(train(recordedTrainer(wrong))).rejects.toThrow('step 6 of the record did action')
  })

  it('goes on after a record as if the trainer had been there from the start', async () => {
    const train = async (wrap: (trainer: TamerTrainer) => TamerTrainer) => {
      const weights = new Float32Array(60)
      const trainer = simulatedTrainer({ seed: 3, values, attention: 0.8, error: 0.1, delay: [0.2, 0.6] })
      const run = { environment: world(), features: table, weights, trainer: wrap(trainer) }
      return { weights, lengths: await lengths(tamer(run, { ...numbers, seed: 3, episodes: 4 })) }
    }
    expect(await train((trainer) => recordedTrainer([], trainer))).toEqual(await train((trainer) => trainer))
  })

  it('steps towards the signal by the credited features', async () => {
    const weights = new Float32Array(60)
    const steps: number[] = []
    const once: TamerTrainer = {
      watch: ({ observation, action }) => {
        steps.push(table.of(observation, action).indexOf(1))
        return steps.length === 2 ? [{ value: 1, time: 1 }] : []
      },
    }
    const environment = timeLimit(world(), 2)
    await lengths(
      tamer({ environment, features: table, weights, trainer: once }, { ...numbers, seed: 0, episodes: 1 }),
    )
    // Two steps of 0.5 s, a signal at 1 s, delays 0.2 … 0.6: credits ¼ and ¾, so Δw = 0.3 · 1 · c.
    expect(steps.map((feature) => weights[feature])).toEqual([
      expect.closeTo(0.075, 6),
      expect.closeTo(0.225, 6),
    ])
    expect(weights.filter((weight) => weight !== 0).length).toBe(2)
  })
})
