import { adamw, cpu, ndarray, zeros } from '@attune/grad'
import { fixedKl, type KlController } from '@attune/rlhf/advantages'
import { clippedSurrogate, penalisedSurrogate, type Surrogate } from '@attune/rlhf/objectives'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { box, discrete } from '../envs/space.ts'
import { batched } from '../envs/vector.ts'
import { type ActorCritic, compiledActing } from '../policies/actor-critic.ts'
import { categorical } from '../policies/distribution.ts'
import { ppo } from './ppo.ts'
import type { PpoOptions, PpoRecord, PpoRun } from './ppo-options.ts'
import { ppoProgram } from './ppo-program.ts'

/** A policy that sees nothing: ¾ for action 0, ¼ for action 1, and the value 0 are all it has. */
const blind: ActorCritic = {
  observationSize: 1,
  distribution: categorical(2),
  initial: () => ({ logits: ndarray([Math.log(3), 0], [1, 2]), value: zeros([1]) }),
  forward: ({ logits, value }, { shape: [rows] }) => ({
    heads: logits!.broadcastTo([rows!, 2]),
    values: value!.broadcastTo([rows!]),
  }),
  acting: (parameters) => compiledActing(blind, parameters),
}

/** One step an episode; its reward is the action. */
const bandit: Environment = {
  id: 'Bandit',
  observationSpace: box([1], 0, 1),
  actionSpace: discrete(2),
  reset: () => Float32Array.of(0),
  step: (action) => ({
    observation: Float32Array.of(0),
    reward: Number(action),
    terminated: true,
    truncated: false,
  }),
}

const device = cpu({ threads: 1 })
const options: PpoOptions = {
  seed: 1,
  iterations: 1,
  steps: 32,
  epochs: 3,
  minibatches: 1,
  gamma: 1,
  lambda: 1,
  entropyCoefficient: 0,
  valueCoefficient: 0.5,
  device,
}

async function play(run: Partial<PpoRun> = {}, numbers: Partial<PpoOptions> = {}) {
  const parameters = blind.initial(1)
  const policy = { network: blind, parameters, optimizer: adamw({ learningRate: 0.1 }) }
  const records: PpoRecord[] = []
  const whole = { policy, environments: batched([bandit]), ...run }
  for await (const record of ppo(whole, { ...options, ...numbers })) records.push(record)
  return { ...records.at(-1)!, parameters }
}

describe('the loss of one step by hand', () => {
  const vector = (x: number) => ndarray([x], [1])
  const lossOf = async (
    { surrogate, oldLogp, coefficient = 0 }: { surrogate: Surrogate; oldLogp: number; coefficient?: number },
    weights: { readonly entropyCoefficient: number; readonly valueCoefficient: number },
  ) => {
    const program = ppoProgram(blind, { surrogate, device, ...weights })
    const matrix = ndarray([0], [1, 1])
    const batch = {
      observations: matrix,
      actions: matrix,
      oldLogp: vector(oldLogp),
      oldValue: vector(0),
      advantage: vector(2),
      returns: vector(3),
      mask: vector(1),
      count: 1,
    }
    const found = await program(blind.initial(1), batch, coefficient)
    await program.dispose()
    return found
  }

  it('has the critic’s added, and the entropy taken away', async () => {
    const clip = { surrogate: clippedSurrogate(), oldLogp: Math.log(0.75) }
    const { value, aux } = await lossOf(clip, { entropyCoefficient: 0.1, valueCoefficient: 0.5 })
    // −1·2 + ½·½(0 − 3)² − 0.1 H
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25))
    expect(aux['train/entropy']!.data[0]).toBeCloseTo(entropy, 5)
    expect(value).toBeCloseTo(-2 + 2.25 - 0.1 * entropy, 5)
  })

  it('has the penalty’s coefficient', async () => {
    const penalty = { surrogate: penalisedSurrogate, oldLogp: Math.log(0.375), coefficient: 3 }
    const { value } = await lossOf(penalty, { entropyCoefficient: 0, valueCoefficient: 0 })
    // r = 2: −(2·2 − 3 (2 − 1 − log 2))
    expect(value).toBeCloseTo(-(4 - 3 * (1 - Math.LN2)), 5)
  })
})

it('PPO ends its epochs when the policy has moved beyond the target', async () => {
  const epochs = async (numbers: Partial<PpoOptions>) => (await play({}, numbers)).metrics['train/epochs']
  expect(await epochs({})).toBe(3)
  expect(await epochs({ targetKl: 1e3 })).toBe(3)
  // the first epoch begins where the rollout was drawn: only the second sees that the policy has moved
  expect(await epochs({ targetKl: 1e-6 })).toBe(2)
})

describe('PPO-Penalty', () => {
  it('holds the policy back, by a coefficient that is told how far it moved', async () => {
    const told: number[][] = []
    const penalty: KlController = { ...fixedKl(5), update: (...moved) => told.push(moved) }
    const { metrics, parameters, rollout } = await play(
      { surrogate: penalisedSurrogate, penalty },
      { epochs: 1 },
    )
    const [a, b] = parameters.logits!.data
    const now = [a!, b!].map((logit) => Math.exp(logit) / (Math.exp(a!) + Math.exp(b!)))
    const ratios = [...rollout.actions].map((action) => now[action]! / [0.75, 0.25][action]!)
    // E [r − 1 − log r] after the last update
    const moved = ratios.reduce((sum, r) => sum + r - 1 - Math.log(r), 0) / 32
    expect(moved).toBeGreaterThan(1e-4)
    expect(told).toEqual([[expect.closeTo(moved, 5), 32]])
    expect(metrics).toMatchObject({ 'train/penalty': 5, 'train/kl_old': told[0]![0] })
    const far = async (beta: number) => {
      const held = await play({ surrogate: penalisedSurrogate, penalty: fixedKl(beta) }, { epochs: 8 })
      return held.metrics['train/kl_old']!
    }
    expect(await far(100)).toBeLessThan((await far(0)) / 4)
  })

  it('needs the coefficient', async () => {
    await expect(play({ surrogate: penalisedSurrogate })).rejects.toThrow(
      'ppo: the surrogate takes a coefficient and there is no penalty',
    )
  })
})

it('numbers that would train on nothing are named', async () => {
  for (const [name, wrong] of [
    ['steps', 2.5],
    ['steps', 0],
    ['epochs', 0],
    ['epochs', 1.5],
    ['minibatches', 0],
    ['minibatches', Number.NaN],
  ] as const)
    await expect(play({}, { [name]: wrong })).rejects.toThrow(
      `ppo: ${name} is ${wrong}, expected a whole number from 1`,
    )
})
