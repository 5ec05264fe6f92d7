import { adamw } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { makeEnvironment } from '../envs/make.ts'
import { vectorise } from '../envs/vector.ts'
import { evaluate } from '../learn/policy.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'
import { mlpActorCritic } from '../policies/actor-critic.ts'
import type { Clip } from './clip.ts'
import { demonstrate } from './demonstrate.ts'
import { cloneBehaviour, demonstrationJudgments, withDemonstrations } from './demonstrations.ts'
import { stateEntropyReward } from './state-entropy.ts'

const clip = (id: string): Clip => ({
  id,
  steps: 1,
  observations: Float32Array.of(0),
  actions: Float32Array.of(0),
  rewards: Float32Array.of(0),
  infos: [],
  from: { source: 's', index: 0, start: 0 },
})

describe('demonstrations', () => {
  it('are better than what the agent did, beside what people say', async () => {
    const asked: string[] = []
    const people = {
      ask: (pairs: readonly (readonly [Clip, Clip])[]) => {
        asked.push(...pairs.map(([first]) => first.id))
      },
      answers: async (atLeast = 0) => {
        expect(atLeast).toBe(1)
        return []
      },
      waiting: () => 0,
    }
    const gatherer = withDemonstrations(people, [clip('demo')], { seed: 1, share: 1 })
    await gatherer.ask([
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
    ])
    expect(asked).toEqual(['a', 'c'])
    const answers = await gatherer.answers(3)
    expect(answers).toMatchObject([
      { clips: ['demo', 'a'], preferred: 0, annotator: { id: 'demonstrations' } },
      { clips: ['demo', 'c'], preferred: 0 },
    ])
    expect(() => withDemonstrations(people, [], { seed: 1, share: 1 })).toThrow('no demonstrations')
  })

  it('are compared with the same clips whenever the same pairs are asked', () => {
    const pairs = Array.from({ length: 200 }, (_, i) => [clip(`a${i}`), clip(`b${i}`)] as const)
    const shown = [clip('demo0'), clip('demo1')]
    const compared = (of: typeof pairs) =>
      demonstrationJudgments(of, shown, { seed: 4, share: 0.3 }).map(({ clips }) => clips.join(' '))
    const whole = compared(pairs)
    expect(whole.length).toBeGreaterThan(40)
    expect(whole.length).toBeLessThan(80)
    expect([...compared(pairs.slice(0, 90)), ...compared(pairs.slice(90))]).toEqual(whole)
  })

  it('are whole episodes of a policy, step by step and as clips that leave none out', async () => {
    const environment = await makeEnvironment('CartPole-v1', { maxSteps: 25 })
    const network = mlpActorCritic(environment)
    const parameters = network.initial(1)
    parameters['actor.4.bias']!.data.set([50, 0])
    const { transitions, clips } = await demonstrate({ network, parameters }, environment, {
      seed: 3,
      episodes: 4,
      length: 5,
    })
    expect(transitions.filter(({ terminated }) => terminated)).toHaveLength(4)
    expect(transitions.every(({ action }) => action[0] === 0)).toBe(true)
    for (const [t, { next, terminated }] of transitions.slice(0, -1).entries())
      if (!terminated) expect([...next]).toEqual([...transitions[t + 1]!.observation])
    const shown = clips.flatMap(({ from, steps }) => Array.from({ length: steps }, (_, i) => from.start + i))
    expect([...new Set(shown)]).toEqual(transitions.map((_, t) => t))
    expect(new Set(clips.map(({ id }) => id)).size).toBe(clips.length)
    for (const { steps, from, observations } of clips) {
      expect(steps).toBe(5)
      expect([...observations.subarray(0, 4)]).toEqual([...transitions[from.start]!.observation])
    }
  })

  it('are imitated by cloning', async () => {
    const environment = await makeEnvironment('CartPole-v1', { maxSteps: 200 })
    const teacher = balancing(environment)
    const network = mlpActorCritic(environment)
    const policy = { network, parameters: network.initial(1), optimizer: adamw({ learningRate: 3e-3 }) }
    const losses: number[] = []
    for await (const { metrics } of cloneBehaviour(policy, teacher, {
      seed: 1,
      updates: 300,
      batchSize: 64,
    }))
      losses.push(metrics['clone/loss'])
    expect(losses[0]).toBeCloseTo(Math.log(2), 1)
    expect(losses.at(-1)).toBeLessThan(0.25)
    const environments = await vectorise([() => makeEnvironment('CartPole-v1', { maxSteps: 200 })])
    const { returns } = await evaluate(policy, environments, { episodes: 3, seed: 77 })
    expect(Math.min(...returns)).toBeGreaterThan(150)
    await expect(cloneBehaviour(policy, [], { seed: 1, updates: 1, batchSize: 1 }).next()).rejects.toThrow(
      'no demonstrations to clone',
    )
  })
})

/** Five episodes of a controller that balances. */
function balancing(environment: Environment) {
  const steps: { observation: Float32Array; action: Float32Array }[] = []
  for (let episode = 0; episode < 5; episode++) {
    let at = environment.reset(episode)
    for (let over = false; !over; ) {
      const action = at[2]! + 0.3 * at[3]! + 0.05 * at[0]! + 0.1 * at[1]! > 0 ? 1 : 0
      steps.push({ observation: at, action: Float32Array.of(action) })
      const step = environment.step(action)
      at = step.observation
      over = step.terminated || step.truncated
    }
  }
  return steps
}

describe('stateEntropyReward', () => {
  const rewardOf = (reward: RolloutReward, observations: readonly number[], fresh?: boolean) => {
    const nothing = new Float32Array(observations.length)
    const steps = { actions: nothing, rewards: nothing, terminated: new Uint8Array(observations.length) }
    const rows = Float32Array.from(observations)
    return [...(reward({ ...steps, observations: rows, nextObservations: rows }, fresh) as Float32Array)]
  }
  const crowd = Array.from({ length: 60 }, (_, i) => 0.01 * (i % 20))
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

  it('is highest far from the others, of mean 0 and deviation 1', () => {
    const rewards = rewardOf(stateEntropyReward(1), [...crowd, 3, -2])
    expect(rewards.indexOf(Math.max(...rewards))).toBe(60)
    expect(mean(rewards)).toBeCloseTo(0, 3)
    expect(mean(rewards.map((r) => r * r))).toBeCloseTo(1, 3)
  })

  it('is the log of the distance to the k-th nearest, worked by hand', () => {
    // Deviation of 0, 1, 3, 7 is √7.1875; the distances to the second nearest are 3, 2, 3, 6.
    const logs = [3, 2, 3, 6].map((distance) => Math.log(distance / Math.sqrt(7.1875)))
    const deviation = Math.sqrt(mean(logs.map((log) => (log - mean(logs)) ** 2)))
    const rewards = rewardOf(stateEntropyReward(1, { k: 2 }), [0, 1, 3, 7])
    for (const [i, log] of logs.entries()) expect(rewards[i]).toBeCloseTo((log - mean(logs)) / deviation, 5)
  })

  it('judges every rollout by itself, and fresh steps by the last one', () => {
    const reward = stateEntropyReward(1)
    expect(rewardOf(reward, [1, 2], true)).toEqual([0, 0])
    rewardOf(reward, crowd)
    const moved = rewardOf(
      reward,
      crowd.map((x) => x + 100),
    )
    expect(mean(moved)).toBeCloseTo(0, 3)
    const fresh = [...Array<number>(600).fill(100.1), 5]
    const judged = rewardOf(reward, fresh, true)
    expect(judged[600]).toBeGreaterThan(judged[0]! + 2)
    expect(rewardOf(reward, [5], true)[0]).toBe(judged[600])
  })
})
