import { describe, expect, it } from 'vitest'
import { box, discrete } from '../envs/space.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import { boundedBox, sacActor } from './actor.ts'
import { sacAgent } from './agent.ts'
import { sacNetworks } from './programs.ts'

const actionSpace = box([2], [-2, 0], [6, 1])
const spaces = { observationSpace: box([3], -1, 1), actionSpace }
const actor = sacActor(spaces, { hidden: [4] })
const half = 0.5 * Math.log(3) // tanh ½ log 3 = ½

describe('sacActor', () => {
  it('plays the tanh of the means, at its place between the bounds (by hand)', () => {
    const heads = Float32Array.of(9, 9, 9, 9, half, -half, 7, 7)
    const actions = new Float32Array(4)
    actor.distribution.mode({ heads, actions, row: 1 })
    // ½ of ±1 is ¾ of −2 … 6; −½ is ¼ of 0 … 1
    expect(actions[2]).toBeCloseTo(4, 5)
    expect(actions[3]).toBeCloseTo(0.25, 5)
  })

  it('draws with the log-probability of the action that it writes (by hand)', () => {
    // u = 0 + ½ log 3 · 1 and u = log 3 + ½ log 3 · −1
    const heads = Float32Array.of(0, 2 * half, Math.log(half), Math.log(half))
    const actions = new Float32Array(2)
    const drawn = [1, -1]
    const random = { normal: () => drawn.shift()! } as Parameters<typeof actor.distribution.draw>[2]
    const logProb = actor.distribution.draw({}, { heads, actions, row: 0 }, random)
    expect(actions[0]).toBeCloseTo(4, 5)
    expect(actions[1]).toBeCloseTo(0.75, 5)
    // twice N(±1)/σ, a slope of the tanh of ¾ each, and half ranges of 4 and ½
    const density = Math.exp(-0.5) / Math.sqrt(2 * Math.PI) / half / 0.75
    expect(logProb).toBeCloseTo(Math.log((density / 4) * (density / 0.5)), 5)
  })

  it('has a finite log-probability at the bounds themselves', () => {
    const random = { normal: () => 0 } as Parameters<typeof actor.distribution.draw>[2]
    const at = { heads: Float32Array.of(50, -50, 0, 0), actions: new Float32Array(2), row: 0 }
    // 2·(−½ log 2π − 2 log 2 + 2·50) − log 4 − log ½
    const expected = -Math.log(2 * Math.PI) - 4 * Math.LN2 + 200 - Math.LN2
    expect(actor.distribution.draw({}, at, random)).toBeCloseTo(expected, 5)
    expect([...at.actions]).toEqual([6, 0])
  })

  it('begins with the learner’s weights, and not with those of a reward ensemble of its seed', async () => {
    const networks = sacNetworks({ observationSize: 3, actionSize: 2 }, [4])
    const numbers = { batchSize: 1, learningRate: 0.1, gamma: 0.9, tau: 0.1 }
    const agent = sacAgent(networks, actionSpace, { seed: 7, ...numbers })
    expect(actor.initial(7)).toEqual(agent.actor)
    expect(actor.initial(7)).not.toEqual(rewardParameters(networks.actor, 7))
    await agent.dispose()
  })
})

describe('boundedBox', () => {
  it('names the action that has no bounds', () => {
    expect(boundedBox(actionSpace, 'Task')).toBe(actionSpace)
    expect(() => boundedBox(discrete(2), 'Task')).toThrow('Task: SAC needs a box of actions')
    for (const [low, high] of [
      [-Infinity, 1],
      [0, Infinity],
      [Number.NaN, 1],
      [1, 1],
      [2, 1],
    ] as const)
      expect(() => boundedBox(box([2], [0, low], [1, high]), 'Task')).toThrow(
        `Task: action 1 has no bounds: from ${low} to ${high}`,
      )
  })
})
