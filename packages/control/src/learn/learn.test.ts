import { adamw, cpu, randomKey } from '@attune/grad'
import { generalisedAdvantages } from '@attune/rlhf/advantages'
import { expect, test } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { type VectorEnvironment, vectorise } from '../envs/vector.ts'
import { mlpActorCritic } from '../policies/actor-critic.ts'
import { a2c } from './a2c.ts'
import { episodicAdvantages } from './advantages.ts'
import { normalised, rewardScaler, runningMoments } from './normalise.ts'
import { evaluate, type Policy } from './policy.ts'
import { ppo } from './ppo.ts'
import type { PpoOptions, PpoRecord } from './ppo-options.ts'

test('advantages of a whole terminated episode are those of rows with a mask', () => {
  const { normal } = randomKey(1, 'gae')
  const draw = () => Float32Array.from({ length: 6 }, normal)
  const [rewards, values] = [draw(), draw()]
  const discounts = { gamma: 0.97, lambda: 0.9 }
  const ends = Uint8Array.of(0, 0, 0, 0, 0, 1)
  const ours = episodicAdvantages(
    {
      rewards,
      values,
      nextValues: new Float32Array([...values.slice(1), 9]),
      terminated: ends,
      ended: ends,
      count: 1,
    },
    discounts,
  )
  const rows = generalisedAdvantages(
    { rewards, values, mask: new Float32Array(6).fill(1), time: 6 },
    discounts,
  )
  for (const name of ['advantages', 'returns'] as const)
    ours[name].forEach((x, i) => {
      expect(x).toBeCloseTo(rows[name][i]!, 5)
    })
})

test('a truncated step keeps the value of where it was cut, a terminated one does not (by hand)', () => {
  // two environments, two steps; γ = ½, λ = 1; environment 0 is truncated at its first step, 1 terminates there
  const { advantages } = episodicAdvantages(
    {
      rewards: Float32Array.of(1, 1, 1, 1),
      values: Float32Array.of(2, 2, 4, 4),
      nextValues: Float32Array.of(8, 8, 6, 6),
      terminated: Uint8Array.of(0, 1, 0, 0),
      ended: Uint8Array.of(1, 1, 0, 0),
      count: 2,
    },
    { gamma: 0.5, lambda: 1 },
  )
  // 1 + ½·8 − 2 = 3, 1 − 2 = −1, 1 + ½·6 − 4 = 0
  expect([...advantages]).toEqual([3, -1, 0, 0])
})

test('running moments over batches are those of all rows, and normalised rows have them no more', () => {
  const { normal } = randomKey(3, 'rows')
  const rows = Float32Array.from({ length: 2 * 500 }, (_, i) => (i % 2 === 0 ? 3 + 2 * normal() : normal()))
  const moments = runningMoments(2)
  for (const [from, to] of [
    [0, 10],
    [10, 400],
    [400, 1000],
  ])
    moments.update(rows.subarray(from, to))
  const column = rows.filter((_, i) => i % 2 === 0)
  const mean = column.reduce((a, b) => a + b, 0) / 500
  expect(moments.mean[0]).toBeCloseTo(mean, 5)
  expect(moments.variance[0]).toBeCloseTo(column.reduce((a, x) => a + (x - mean) ** 2, 0) / 500, 4)
  const scaled = normalised(rows, moments).filter((_, i) => i % 2 === 0)
  expect(scaled.reduce((a, x) => a + x * x, 0) / 500).toBeCloseTo(1, 3)
  const again = runningMoments(2)
  again.restore(JSON.parse(JSON.stringify(moments.state())))
  expect(normalised(rows, again)).toEqual(normalised(rows, moments))
})

test('scaled rewards are divided by the deviation of their discounted sum', () => {
  const scaler = rewardScaler(2, 0.5)
  // sums after the first step: 2, 4: mean 3, variance 1 (the start's 1e-4 pseudo-rows aside)
  const [a, b] = scaler.scale(Float32Array.of(2, 4), Uint8Array.of(1, 0))
  expect(a).toBeCloseTo(2, 2)
  expect(b).toBeCloseTo(4, 2)
  expect(scaler.state().sums).toEqual([0, 4])
})

const options: PpoOptions = {
  seed: 2,
  iterations: 4,
  steps: 32,
  epochs: 2,
  minibatches: 2,
  gamma: 0.99,
  lambda: 0.95,
  entropyCoefficient: 0.01,
  valueCoefficient: 0.5,
  device: cpu({ threads: 1 }),
}

async function setting(id: string): Promise<{ policy: Policy; environments: VectorEnvironment }> {
  const environments = await vectorise(
    Array.from({ length: 2 }, () => () => makeEnvironment(id, { maxSteps: 20 })),
    { seed: 2 },
  )
  const network = mlpActorCritic(environments, { hidden: [16] })
  const optimizer = adamw({ learningRate: 0.01, epsilon: 1e-5, maxGradientNorm: 0.5 })
  return {
    environments,
    policy: {
      network,
      parameters: network.initial(2),
      optimizer,
      observations: runningMoments(network.observationSize),
    },
  }
}

async function records(run: AsyncGenerator<PpoRecord>): Promise<PpoRecord[]> {
  const all: PpoRecord[] = []
  for await (const record of run) all.push(record)
  return all
}

test('PPO stopped, saved and gone on with has the same bits as PPO left alone', async () => {
  const whole = await setting('Pendulum-v1')
  await records(ppo(whole, options))
  const part = await setting('Pendulum-v1')
  await records(ppo(part, { ...options, iterations: 2 }))
  const saved = JSON.parse(
    JSON.stringify({
      moments: part.policy.observations!.state(),
      environments: await part.environments.state(),
    }),
  )
  const next = await setting('Pendulum-v1')
  for (const [name, { data }] of Object.entries(part.policy.parameters))
    next.policy.parameters[name]!.data.set(data)
  next.policy.optimizer.restore(part.policy.optimizer.state())
  next.policy.observations!.restore(saved.moments)
  const observations = await next.environments.restore(saved.environments)
  await records(ppo({ ...next, observations }, { ...options, start: 2 }))
  expect(next.policy.parameters).toEqual(whole.policy.parameters)
})

test('PPO of one epoch and one minibatch, with advantages as they are, is A2C', async () => {
  const { epochs: _, minibatches: __, ...numbers } = { ...options, lambda: 1 }
  const [actors, clipped, plain] = [
    await setting('Acrobot-v1'),
    await setting('Acrobot-v1'),
    await setting('Acrobot-v1'),
  ]
  await records(a2c(actors, numbers))
  await records(ppo(clipped, { ...numbers, epochs: 1, minibatches: 1, standardise: false }))
  await records(ppo(plain, { ...numbers, epochs: 1, minibatches: 1 }))
  const weight = ({ policy }: { policy: Policy }) => [...policy.parameters['actor.0.weight']!.data]
  const furthest = (other: typeof actors) =>
    Math.max(...weight(other).map((x, i) => Math.abs(x - weight(actors)[i]!)))
  expect(furthest(clipped)).toBeLessThan(1e-6)
  expect(furthest(plain)).toBeGreaterThan(1e-3)
})

test('where no reward is known PPO acts and learns nothing, not even the scale of rewards', async () => {
  const run = await setting('Pendulum-v1')
  const scaler = rewardScaler(2, 0.99)
  const before = { ...run.policy.network.initial(2) }
  const [first] = await records(
    ppo({ ...run, rewardScaler: scaler, reward: () => undefined }, { ...options, iterations: 1 }),
  )
  expect(first!.metrics).toMatchObject({ 'rollout/episodes': 2 })
  expect(run.policy.parameters).toEqual(before)
  expect(scaler.state()).toEqual(rewardScaler(2, 0.99).state())
})

test('a rollout holds what happened: next observations, ends, and actions within their bounds', async () => {
  const { policy, environments } = await setting('Pendulum-v1')
  policy.parameters.actor_logstd!.data.fill(2)
  const [first] = await records(ppo({ policy, environments }, { ...options, iterations: 1 }))
  const { rollout } = first!
  expect(rollout.episodes.map(({ at, index, terminated }) => [at, index, terminated])).toEqual([
    [19, 0, false],
    [19, 1, false],
  ])
  const row = (array: Float32Array, t: number, i: number) => [
    ...array.subarray((t * 2 + i) * 3, (t * 2 + i) * 3 + 3),
  ]
  expect(row(rollout.nextObservations, 4, 1)).toEqual(row(rollout.observations, 5, 1))
  expect(row(rollout.nextObservations, 19, 0)).not.toEqual(row(rollout.observations, 20, 0))
  expect(row(rollout.nextObservations, 19, 0)).toEqual([...rollout.episodes[0]!.observation])
  expect(Math.max(...rollout.actions)).toBe(2)
  expect(Math.min(...rollout.actions)).toBe(-2)
})

test('another reward is what PPO learns from: CartPole learns to push left', async () => {
  const environments = await vectorise(
    Array.from({ length: 4 }, () => () => makeEnvironment('CartPole-v1', { maxSteps: 20 })),
  )
  const network = mlpActorCritic(environments, { hidden: [16] })
  const policy: Policy = {
    network,
    parameters: network.initial(1),
    optimizer: adamw({ learningRate: 0.01, epsilon: 1e-5 }),
  }
  const reward = ({ actions }: PpoRecord['rollout']) => actions.map((action) => (action === 0 ? 1 : 0))
  const all = await records(ppo({ policy, environments, reward }, { ...options, gamma: 0, iterations: 30 }))
  expect(all.at(-1)!.metrics['rollout/reward_mean']).toBeGreaterThan(0.9)
  expect(all[0]!.metrics['rollout/reward_mean']).toBeLessThan(0.7)
})

test('rewards that are missing or not finite, and too many minibatches, are named', async () => {
  const run = await setting('Pendulum-v1')
  const reward = ({ rewards }: PpoRecord['rollout']) => rewards.map((r, i) => (i === 7 ? Number.NaN : r))
  await expect(records(ppo({ ...run, reward }, options))).rejects.toThrow(
    'the reward of step 3 in environment 1 is NaN',
  )
  const short = () => new Float32Array(5)
  await expect(records(ppo({ ...run, reward: short }, options))).rejects.toThrow(
    'the reward gave 5 numbers for 64 steps',
  )
  await expect(records(ppo(run, { ...options, minibatches: 65 }))).rejects.toThrow(
    '65 minibatches of a rollout of 64 steps',
  )
})

test('an evaluation plays the same number of episodes everywhere, and is a function of its seed', async () => {
  const { policy, environments } = await setting('Pendulum-v1')
  const once = await evaluate(policy, environments, { episodes: 4, seed: 1, greedy: false })
  expect(once.lengths).toEqual([20, 20, 20, 20])
  expect(await evaluate(policy, environments, { episodes: 4, seed: 1, greedy: false })).toEqual(once)
})
