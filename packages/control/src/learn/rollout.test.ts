import { adamw } from '@attune/grad'
import { expect, test } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { box, discrete } from '../envs/space.ts'
import { batched } from '../envs/vector.ts'
import { type Acting, mlpActorCritic } from '../policies/actor-critic.ts'
import { collect } from './rollout.ts'

/** Counts its steps upwards from a number; an episode is cut off after `limit` of them. */
function counter(from: number, limit: number): Environment {
  let at = from
  const seen = () => Float32Array.of(at)
  return {
    id: 'Counter',
    observationSpace: box([1], 0, 1000),
    actionSpace: discrete(2),
    reset: () => {
      at = from
      return seen()
    },
    step: () => {
      at++
      return { observation: seen(), reward: 1, terminated: false, truncated: at === from + limit }
    },
  }
}

test('a step’s next value is that of where it led: at a cut, and at the rollout’s end, too (by hand)', async () => {
  const environments = batched([counter(0, 2), counter(100, 9)])
  const network = mlpActorCritic(environments, { hidden: [2] })
  const policy = { network, parameters: network.initial(1), optimizer: adamw({ learningRate: 0.1 }) }
  // V(s) = 10 s
  const acting: Acting = {
    forward: (rows) => ({ heads: new Float32Array(2 * rows.length), values: rows.map((s) => 10 * s) }),
    dispose: async () => {},
  }
  const observations = await environments.reset(1)
  const start = { observations, steps: 3, seed: 1, iteration: 0 }
  const { values, nextValues } = await collect(policy, { environments, acting }, start)
  // environment 0 goes 0, 1, then is cut at 2 and goes on from 0 to 1; environment 1 goes 100, 101, 102, and stands at 103
  expect([...values]).toEqual([0, 1000, 10, 1010, 0, 1020])
  expect([...nextValues]).toEqual([10, 1010, 20, 1020, 10, 1030])
})
