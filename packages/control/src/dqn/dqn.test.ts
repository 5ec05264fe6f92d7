import { type NdArray, ndarray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { box, discrete } from '../envs/space.ts'
import { batched } from '../envs/vector.ts'
import { mlpActorCritic } from '../policies/actor-critic.ts'
import type { Transition } from '../replay/replay.ts'
import { dqnLearner } from './dqn-learner.ts'
import { doubleTargets, duelingValues, largeMarginLoss, temporalDifferenceLoss } from './objectives.ts'

const options = { device: { kind: 'cpu', threads: 1 } } as const
const matrix = (rows: readonly (readonly number[])[]) => ndarray(rows.flat(), [rows.length, rows[0]!.length])
const vector = (numbers: readonly number[]) => ndarray(numbers, [numbers.length])

describe('objectives', () => {
  const batch = {
    actions: matrix([[0], [2]]),
    weight: vector([1, 0.5]),
    targets: vector([0.7, 3]),
  }
  const q = [
    [1, 0.5, -1],
    [0, 2, 0.4],
  ]
  const lossOf = (kind: 'td' | 'margin') =>
    valueAndGrad<[typeof batch]>((parameters, { targets, ...rest }) => {
      const taken = { ...rest, values: parameters.q!, actions: rest.actions.cast('int32') }
      return kind === 'td' ? temporalDifferenceLoss({ ...taken, targets }) : largeMarginLoss(taken, 0.8)
    }, options)

  it('the error of values is squared near 0 and absolute beyond', async () => {
    // errors 0.3 and −2.6: (½·0.09 + ½·(2.6 − ½))/2
    const { value: loss, grads } = await lossOf('td')({ q: matrix(q) }, batch)
    expect(loss).toBeCloseTo((0.045 + 0.5 * 2.1) / 2, 6)
    const gradient = [...grads.q!.data]
    for (const [i, x] of [0.15, 0, 0, 0, 0, -0.25].entries()) expect(gradient[i]).toBeCloseTo(x, 6)
  })

  it('what was demonstrated must be worth more by the margin', async () => {
    // row 0: max(1, 1.3, −0.2) − 1; row 1: max(0.8, 2.8, 0.4) − 0.4, counted half
    const { value: loss, grads } = await lossOf('margin')({ q: matrix(q) }, batch)
    expect(loss).toBeCloseTo((0.3 + 0.5 * 2.4) / 2, 6)
    const gradient = [...grads.q!.data]
    for (const [i, x] of [-0.5, 0.5, 0, 0, 0.25, -0.25].entries()) expect(gradient[i]).toBeCloseTo(x, 6)
  })

  it('targets take the action of the fast values and the worth of the slow ones', async () => {
    const targets = value<[NdArray, NdArray, NdArray, NdArray], Tensor>((fast, slow, rewards, terminated) => {
      return doubleTargets({ values: fast, slowValues: slow, rewards, terminated, gamma: 0.5 })
    }, options)
    const slow = matrix([
      [4, 6, 8],
      [1, 3, 5],
    ])
    const found = await targets(matrix(q), slow, vector([10, 20]), vector([0, 1]))
    expect([...found.data]).toEqual([12, 20])
  })

  it('values and advantages make Q, whose mean is the value', async () => {
    const program = value<[NdArray, NdArray], Tensor>(
      (values, heads) => duelingValues({ values, heads }),
      options,
    )
    const found = await program(vector([5]), matrix([[1, 2, 6]]))
    expect([...found.data]).toEqual([3, 4, 8])
  })
})

/** Four rooms in a row; the reward is at the end of the last. Actions: back, on. */
function corridor(): Environment {
  let [room, steps] = [0, 0]
  const seen = () => Float32Array.from({ length: 4 }, (_, i) => Number(i === room))
  return {
    id: 'Corridor',
    observationSpace: box([4], 0, 1),
    actionSpace: discrete(2),
    reset: () => {
      ;[room, steps] = [0, 0]
      return seen()
    },
    step: (action) => {
      const out = room === 3 && action === 1
      room = Math.min(Math.max(room + (action === 1 ? 1 : -1), 0), 3)
      steps++
      return { observation: seen(), reward: Number(out), terminated: out, truncated: !out && steps === 20 }
    },
    state: () => ({ room, steps }),
    restore: (saved) => {
      ;[room, steps] = [saved.room as number, saved.steps as number]
    },
  }
}

const numbers = {
  seed: 3,
  iterations: 4,
  steps: 150,
  randomSteps: 200,
  replaySize: 250,
  batchSize: 32,
  updatesPerStep: 1,
  learningRate: 3e-3,
  maxGradientNorm: 10,
  gamma: 0.9,
  targetInterval: 50,
  explorationFinal: 0.1,
  explorationSteps: 400,
}
const rooms = Float32Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0))

describe('dqnLearner', () => {
  it('finds the way, and goes on from its state to the same bits', async () => {
    const make = () => {
      const environments = batched([corridor(), corridor()])
      const network = mlpActorCritic(environments)
      return { environments, learner: dqnLearner(environments, network, numbers, { source: 'test' }) }
    }
    const own = ({ rewards }: { rewards: Float32Array }) => rewards
    const copied = ({ tensors }: { tensors: Parameters }): Parameters =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
      )
    const [whole, killed] = [make(), make()]
    for (let i = 0; i < 2; i++) await whole.learner.learn(own)
    const saved = copied(whole.learner.state())
    const stand = await whole.environments.state()
    let last: Readonly<Record<string, number>> = {}
    for (let i = 0; i < 2; i++) last = (await whole.learner.learn(own))!.metrics
    expect(last['rollout/exploration_rate']).toBeCloseTo(0.1, 6)
    expect([...(await whole.learner.greedy(rooms))]).toEqual([1, 1, 1, 1])
    expect(await whole.learner.learn(own)).toBeUndefined()

    killed.learner.restore({ iteration: 2, tensors: saved }, await killed.environments.restore(stand))
    for (let i = 0; i < 2; i++) await killed.learner.learn(own)
    expect(copied(killed.learner.state())).toEqual(copied(whole.learner.state()))
    await whole.learner.close()
    await killed.learner.close()
  })

  it('does what was demonstrated before it has any reward', async () => {
    const environments = batched([corridor()])
    const demonstrations: Transition[] = [0, 1, 2, 3].map((room) => ({
      observation: rooms.slice(4 * room, 4 * room + 4),
      action: Float32Array.of(room % 2),
      next: rooms.slice(0, 4),
      reward: 0,
      terminated: room === 3,
    }))
    const imitation = { demonstrations, share: 0.25, margin: 0.8, weight: 1, updates: 150 }
    const options = { ...numbers, iterations: 1, steps: 1, randomSteps: 0 }
    const learner = dqnLearner(environments, mlpActorCritic(environments), options, {
      source: 'test',
      imitation,
    })
    await learner.learn(undefined)
    expect([...(await learner.greedy(rooms))]).toEqual([0, 1, 0, 1])
    await learner.close()
    expect(() =>
      dqnLearner(environments, mlpActorCritic(environments), options, {
        source: 'test',
        imitation: { ...imitation, demonstrations: [] },
      }),
    ).toThrow('no demonstrations')
  })

  it('needs a choice between actions', () => {
    const environments = batched([{ ...corridor(), actionSpace: box([1], -1, 1) }])
    expect(() => dqnLearner(environments, mlpActorCritic(environments), numbers, { source: 'test' })).toThrow(
      'Corridor: deep Q-learning needs a choice between actions',
    )
  })
})
