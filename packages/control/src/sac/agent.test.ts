import { ndarray, type Parameters, randomKey } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import { box } from '../envs/space.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import { replay } from '../replay/replay.ts'
import { sacAgent } from './agent.ts'
import { sacNetworks, sacPrograms } from './programs.ts'

const networks = sacNetworks({ observationSize: 1, actionSize: 1 }, [2])
const vector = (...numbers: number[]) => ndarray(numbers, [numbers.length])

/** Sets the weights of a network so that its last layer gives its biases, whatever it sees. */
function giving(parameters: Parameters, biases: readonly number[]): Parameters {
  for (const { data } of Object.values(parameters)) data.fill(0)
  parameters['1.bias']!.data.set(biases)
  return parameters
}

describe('the targets of soft actor-critic', () => {
  it('are worth what follows by the lesser critic and the entropy, but where the task ended (by hand)', async () => {
    const { target, ...programs } = sacPrograms(networks, 0.5)
    const actor = giving(rewardParameters(networks.actor, 1), [0, 0])
    const critics = giving(rewardParameters(networks.critics, 1), [3, 5])
    const matrix = ndarray([0, 0], [2, 1])
    const batch = { next: matrix, noise: matrix, rewards: vector(1, 2), terminated: vector(0, 1) }
    const { data } = await target(actor, critics, batch, 0.2)
    // log σ = −1.5 in the middle of its range, and the tanh has slope 1 at 0: log π = 1.5 − ½ log 2π
    const logProb = 1.5 - 0.5 * Math.log(2 * Math.PI)
    expect(data[0]).toBeCloseTo(1 + 0.5 * (3 - 0.2 * logProb), 5)
    expect(data[1]).toBe(2)
    for (const program of [target, ...Object.values(programs)]) await program.dispose()
  })
})

describe('the temperature', () => {
  /** The temperature after one update of an actor whose deviation is the bias given, before the tanh that bounds it. */
  async function after(deviation: number): Promise<number> {
    const options = { seed: 1, batchSize: 16, learningRate: 0.1, gamma: 0.9, tau: 0.1 }
    const agent = sacAgent(networks, box([1], -1, 1), options)
    giving(agent.actor, [0, deviation])
    const buffer = replay(1, { observationSize: 1, actionSize: 1 })
    const zero = Float32Array.of(0)
    buffer.add({ observation: zero, action: zero, next: zero, reward: 0, terminated: true })
    await buffer.relabel(({ rewards }) => rewards, 'all')
    await agent.update(buffer, randomKey(1, 'update'))
    await agent.dispose()
    return agent.metrics(0)['train/ent_coef']!
  }

  it('rises while the actor is surer than it should be, and falls while it is less so', async () => {
    // Adam’s first step is the rate. log σ = −5: log π is about 3.6, above |A| = 1
    expect(await after(-10)).toBeCloseTo(0.1 * Math.exp(0.1), 5)
    // log σ = 0: log π is about −0.7
    expect(await after(Math.atanh(1.5 / 3.5))).toBeCloseTo(0.1 * Math.exp(-0.1), 5)
  })
})
