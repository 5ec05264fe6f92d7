import { ndarray, randomKey, zeros } from '@attune/grad'
import { expect, it } from 'vitest'
import { type ActorCritic, compiledActing } from '../policies/actor-critic.ts'
import { categorical } from '../policies/distribution.ts'
import { replay } from '../replay/replay.ts'
import { dqnAgent } from './agent.ts'

/** Q(s, ·) = (1, −1) everywhere, as parameters. */
const table: ActorCritic = {
  observationSize: 1,
  distribution: categorical(2),
  initial: () => ({ advantages: ndarray([1, -1], [1, 2]), value: zeros([1]) }),
  forward: ({ advantages, value }, { shape: [rows] }) => ({
    heads: advantages!.broadcastTo([rows!, 2]),
    values: value!.broadcastTo([rows!]),
  }),
  acting: (parameters) => compiledActing(table, parameters),
}

const options = {
  seed: 1,
  iterations: 1,
  steps: 1,
  randomSteps: 0,
  batchSize: 1,
  updatesPerStep: 1,
  learningRate: 0.01,
  maxGradientNorm: 10,
  gamma: 0.5,
  targetInterval: 2,
  explorationFinal: 0,
  explorationSteps: 1,
}

/** The losses of as many updates as asked for on one transition, the slow values being (5, 9) at first. */
async function losses(terminated: boolean, updates: number): Promise<number[]> {
  const agent = dqnAgent(table, options)
  const { 'slow.advantages': advantages, 'slow.value': value } = agent.tensors()
  advantages!.data.set([-2, 2])
  value!.data.set([7])
  const buffer = replay(1, { observationSize: 1, actionSize: 1 })
  const zero = Float32Array.of(0)
  buffer.add({ observation: zero, action: zero, next: zero, reward: 0, terminated })
  await buffer.relabel(({ rewards }) => rewards, 'all')
  const found: number[] = []
  for (let i = 0; i < updates; i++)
    found.push((await agent.update(buffer, randomKey(1, 'update', i)))['train/loss']!)
  await agent.dispose()
  return found
}

it('the fast values choose what follows, and the slow ones judge it (by hand)', async () => {
  // y = ½·5: error −1.5, beyond ±1. The fast values’ own y were ½·1, the slow ones’ own ½·9.
  expect((await losses(false, 1))[0]).toBeCloseTo(1.5 - 0.5, 5)
  expect((await losses(true, 1))[0]).toBeCloseTo(0.5, 5)
})

it('the slow values become the fast ones after as many updates as they should', async () => {
  const [, second, third] = await losses(false, 3)
  expect(second).toBeGreaterThan(0.9)
  // Q is then its own judge: an error of about 1 − ½
  expect(third).toBeLessThan(0.2)
})
