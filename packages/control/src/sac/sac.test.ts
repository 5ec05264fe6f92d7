import { describe, expect, it } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { box, discrete } from '../envs/space.ts'
import { batched } from '../envs/vector.ts'
import { sacLearner } from './sac-learner.ts'

/** One step an episode: a number is shown, and the reward is −(a − ½s)². */
function guess(): Environment {
  let [seed, shown] = [1, 0]
  const draw = () => {
    seed = (seed * 16807) % 2147483647
    shown = (2 * seed) / 2147483647 - 1
    return Float32Array.of(shown)
  }
  return {
    id: 'Guess',
    observationSpace: box([1], -1, 1),
    actionSpace: box([1], -2, 2),
    reset: (start) => {
      if (start !== undefined) seed = start + 1
      return draw()
    },
    step: (action) => {
      const reward = -(((action as Float32Array)[0]! - shown / 2) ** 2)
      return { observation: Float32Array.of(shown), reward, terminated: true, truncated: false }
    },
  }
}

const options = {
  seed: 1,
  iterations: 5,
  steps: 48,
  randomSteps: 96,
  batchSize: 64,
  updatesPerStep: 2,
  learningRate: 5e-3,
  gamma: 0.9,
  tau: 0.02,
  hidden: [32, 32],
}

describe('sacLearner', () => {
  it('learns from rewards that are told anew: the old ones do not stay', async () => {
    const environments = batched([guess(), guess()])
    const learner = sacLearner(environments, options, { source: 'test' })
    // For two iterations the opposite is wanted; then everything that was done is judged anew.
    for (let i = 0; i < options.iterations; i++)
      await learner.learn(({ observations, actions }) =>
        actions.map((a, row) => -((a - (i < 2 ? -1 : 0.5) * observations[row]!) ** 2)),
      )
    expect(await learner.learn(() => new Float32Array())).toBeUndefined()
    const states = [-0.8, -0.2, 0.3, 0.9]
    const actions = await learner.greedy(Float32Array.from(states))
    for (const [i, state] of states.entries()) expect(Math.abs(actions[i]! - state / 2)).toBeLessThan(0.2)
    await learner.close()
  })

  it('needs a box of actions', () => {
    const environment = { ...guess(), actionSpace: discrete(2) }
    expect(() => sacLearner(batched([environment]), options, { source: 'test' })).toThrow(
      'Guess: SAC needs a box of actions',
    )
  })
})
