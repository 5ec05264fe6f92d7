import { adamw, cpu } from '@attune/grad'
import { expect, test } from 'vitest'
import {
  box,
  checked,
  discrete,
  type Environment,
  mlpActorCritic,
  mujocoEnvironment,
  mujocoTasks,
  type PreferenceGatherer,
  ppo,
  ppoLearner,
  preferenceComparisons,
  type RewardLearner,
  randomPairs,
  type Signal,
  simulatedTrainer,
  tamer,
  uniformDelay,
  vectorise,
} from '../src/index.ts'

/** Two actions; from step `at` on the environment gives what is no number, as an observation or as a reward. */
function breaks(what: 'observation' | 'reward', at: number): Environment {
  let t = 0
  const seen = () => Float32Array.of(t >= at && what === 'observation' ? Number.NaN : t % 2)
  return {
    id: 'Breaking',
    observationSpace: box([1], 0, 1),
    actionSpace: discrete(2),
    reset: () => {
      t = 0
      return seen()
    },
    step: () => {
      t++
      const reward = t >= at && what === 'reward' ? Number.NaN : 1
      return { observation: seen(), reward, terminated: false, truncated: false }
    },
  }
}

async function everything(records: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of records) count++
  return count
}

async function policyOn(makers: (() => Environment)[]) {
  const environments = await vectorise(makers)
  const network = mlpActorCritic(environments, { hidden: [4] })
  const optimizer = adamw({ learningRate: 0.01 })
  const policy = { network, parameters: network.initial(0), optimizer, observations: undefined }
  return { policy, environments }
}

const numbers = { seed: 0, steps: 8, epochs: 1, minibatches: 1, gamma: 0.9, lambda: 0.9 }
const losses = {
  entropyCoefficient: 0,
  valueCoefficient: 0.5,
  targetKl: undefined,
  device: cpu({ threads: 1 }),
}
const copy = (parameters: Readonly<Record<string, { data: Float32Array }>>) =>
  Object.values(parameters).map(({ data }) => [...data])

test.each(['observation', 'reward'] as const)(
  'PPO on an environment whose %s is NaN stops at the step, named, before anything is learnt from it',
  async (what) => {
    const run = await policyOn([() => checked(breaks(what, 99)), () => checked(breaks(what, 5))])
    const before = copy(run.policy.parameters)
    await expect(everything(ppo(run, { ...numbers, ...losses, iterations: 3 }))).rejects.toThrow(
      /Breaking, step 5 of episode 1: (observation\[0\]|the reward) is NaN; the environment has become unstable/,
    )
    expect(copy(run.policy.parameters)).toEqual(before)
  },
)

test('TAMER on an environment that gives NaN stops there, and its weights are numbers', async () => {
  const weights = new Float32Array(2)
  const features = {
    size: 2,
    actions: 2,
    of: (_: Float32Array, action: number) => Float32Array.of(action, 1 - action),
  }
  const trainer = simulatedTrainer({
    seed: 0,
    values: () => [0, 1],
    attention: 1,
    error: 0,
    delay: [0, 0.1],
  })
  const run = { environment: checked(breaks('observation', 6)), features, weights, trainer }
  const options = {
    seed: 0,
    episodes: 1,
    learningRate: 0.2,
    secondsPerStep: 0.5,
    delay: uniformDelay(0, 1),
    memory: 2,
  }
  await expect(everything(tamer(run, options))).rejects.toThrow(
    'Breaking, step 6 of episode 1: observation[0] is NaN',
  )
  expect([...weights].every(Number.isFinite)).toBe(true)
  expect(weights[1]).not.toBe(0) // what came before was learnt

  const nonsense = { watch: (): Signal[] => [{ value: Number.NaN, time: 0.5 }] }
  await expect(
    everything(tamer({ ...run, environment: checked(breaks('reward', 99)), trainer: nonsense }, options)),
  ).rejects.toThrow('the signal at 0.5 s is NaN, expected a finite number')
})

test('XML that does not parse, or names what is not there, is refused with the task and the line', async () => {
  const task = { ...mujocoTasks.hopper(5), id: 'Mine' }
  const make = (xml: string) => mujocoEnvironment({ ...task, xml })
  await expect(make('<mujoco>\n  <worldbody>\n    <geom size="1"\n')).rejects.toThrow(
    /^Mine: the XML is not a MuJoCo model: .*line/i,
  )
  await expect(make('<mujoco>\n<actuator>\n<motor joint="knee"/>\n</actuator>\n</mujoco>')).rejects.toThrow(
    /^Mine: the XML is not a MuJoCo model: .*knee/,
  )
  await expect(make('')).rejects.toThrow(/^Mine: /)
})

test('labels whose clips are all gone teach nothing and are counted; the loop goes on', async () => {
  const run = await policyOn([() => checked(breaks('reward', 9e9))])
  const judgment = (id: string, clips: readonly [string, string]) => ({
    kind: 'clip-comparison' as const,
    id,
    item: clips.join(' '),
    annotator: { id: 'ann', source: 'person' as const },
    time: '2026-01-01T00:00:00Z',
    protocol: '1',
    clips,
    preferred: 0 as const,
  })
  const fitted: number[] = []
  const rewards: RewardLearner = {
    reward: () => {
      throw new Error('nothing is known: the reward is not asked')
    },
    observe: () => {},
    fit: async (pairs) => {
      fitted.push(pairs.length)
      return {}
    },
    calibrate: async () => {},
    returns: async () => [],
    fitted: () => false,
    parameters: {},
    state: () => {
      throw new Error('nothing is learnt: the state is not asked')
    },
    restore: () => {},
    dispose: async () => {},
  }
  const silent: PreferenceGatherer = { ask: () => {}, answers: async () => [], waiting: () => 0 }
  const records = preferenceComparisons(
    {
      policy: ppoLearner(run, { ...numbers, ...losses, iterations: 2 }, { source: 'run' }),
      fragmenter: randomPairs({ seed: 0, length: 2 }),
      gatherer: silent,
      rewards,
    },
    {
      schedule: [1, 1],
      firstLabels: 0,
      labels: [judgment('1', ['lost-a', 'lost-b']), judgment('2', ['lost-b', 'lost-a'])],
    },
  )
  const seen: number[] = []
  for await (const { metrics } of records) {
    seen.push(metrics['labels/gone']!)
    expect(metrics['labels/given']).toBe(0)
  }
  expect(seen).toEqual([2, 2])
  expect(fitted).toEqual([])
})
