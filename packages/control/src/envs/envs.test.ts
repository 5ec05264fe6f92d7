import { describe, expect, test } from 'vitest'
import { type Environment, environmentIds, makeEnvironment, spaceSize, vectorise } from '../index.ts'
import { checked } from './checked.ts'
import { compileModel, mujoco } from './mujoco/engine.ts'
import { mujocoEnvironment } from './mujoco/task.ts'
import { hopper } from './mujoco/tasks.ts'
import { box, discrete } from './space.ts'
import { timeLimit } from './time-limit.ts'

/** An action that is a function of the step. */
function actionAt({ actionSpace }: Pick<Environment, 'actionSpace'>, t: number): Float32Array | number {
  if (actionSpace.kind === 'discrete') return (t * 7 + (t >> 2)) % actionSpace.n
  return Float32Array.from({ length: spaceSize(actionSpace) }, (_, i) => 0.4 * Math.sin(3 * t + i))
}

function play(environment: Environment, { from, to }: { from: number; to: number }) {
  const steps = []
  for (let t = from; t < to; t++) {
    const step = environment.step(actionAt(environment, t))
    steps.push([...step.observation, step.reward, Number(step.terminated)])
    if (step.terminated || step.truncated) environment.reset()
  }
  return steps
}

/** Games whose rules begin every episode in one place. */
const startsAlike = /^(MinAtar\/(Asterix|SpaceInvaders|Seaquest)|GridWorld)/

describe('every environment keeps the contract', () => {
  for (const id of environmentIds) {
    test(id, async () => {
      const [one, other] = [await makeEnvironment(id), await makeEnvironment(id)]
      const first = one.reset(5)
      expect(first).toHaveLength(spaceSize(one.observationSpace))
      expect(other.reset(5)).toEqual(first)
      const early = play(one, { from: 0, to: 30 })
      expect(play(other, { from: 0, to: 30 })).toEqual(early)
      const again = one.reset(6)
      if (!startsAlike.test(id)) expect(again).not.toEqual(first)

      // A state saved as JSON goes on to the same bits, over resets too.
      const saved = JSON.parse(JSON.stringify(other.state!()))
      const late = play(other, { from: 30, to: 90 })
      one.restore!(saved)
      expect(play(one, { from: 30, to: 90 })).toEqual(late)

      const { view, figures } = one.drawing!()
      expect(view.right).toBeGreaterThan(view.left)
      expect(figures.length).toBeGreaterThan(1)
      expect(JSON.stringify(figures)).not.toContain('null')
      one.close?.()
      other.close?.()
    })
  }
})

const counter = (length: number): Environment => {
  let at = 0
  return {
    id: 'counter',
    observationSpace: box([1], 0, length),
    actionSpace: discrete(2),
    reset: () => {
      at = 0
      return Float32Array.of(0)
    },
    step: (action) => {
      at++
      return {
        observation: Float32Array.of(at),
        reward: action as number,
        terminated: at === length,
        truncated: false,
      }
    },
    state: () => ({ at }),
    restore: (state) => {
      at = state.at as number
    },
  }
}

test('a batch resets in the step that ends an episode and hands out its last observation', async () => {
  const batch = await vectorise([() => counter(2), () => timeLimit(counter(9), 3)])
  expect([...(await batch.reset())]).toEqual([0, 0])
  await batch.step(Float32Array.of(1, 0))
  const second = await batch.step(Float32Array.of(1, 1))
  expect([...second.observations]).toEqual([0, 2])
  expect([...second.terminated]).toEqual([1, 0])
  expect(second.ended).toEqual([
    { index: 0, observation: Float32Array.of(2), terminated: true, return: 2, steps: 2 },
  ])
  const third = await batch.step(Float32Array.of(1, 1))
  expect([...third.observations]).toEqual([1, 0])
  expect([...third.truncated]).toEqual([0, 1])
  expect(third.ended).toMatchObject([{ index: 1, terminated: false, return: 2, steps: 3 }])
})

test('a batch goes on from a saved state', async () => {
  const makers = () => [() => makeEnvironment('CartPole-v1'), () => makeEnvironment('CartPole-v1')]
  const [one, other] = [await vectorise(makers(), { seed: 4 }), await vectorise(makers())]
  await one.reset()
  for (let t = 0; t < 25; t++) await one.step(Float32Array.of(t % 2, 1))
  const seen = await other.restore(JSON.parse(JSON.stringify(await one.state())))
  for (let t = 0; t < 25; t++) {
    const actions = Float32Array.of(1, t % 2)
    expect(await other.step(actions)).toEqual(await one.step(actions))
  }
  expect(seen).toHaveLength(8)
  const three = await vectorise([...makers(), ...makers()])
  await expect(three.restore(await one.state())).rejects.toThrow('has 2 environments, there are 4')
})

test('a batch refuses a state of other environments, and other actions than one for each', async () => {
  const batch = (id: string) => vectorise([() => makeEnvironment(id)])
  const [cart, acrobot] = [await batch('CartPole-v1'), await batch('Acrobot-v1')]
  await cart.reset()
  const saved = await cart.state()
  expect(saved.id).toBe('CartPole-v1')
  await expect(acrobot.restore(saved)).rejects.toThrow(
    'is one of CartPole-v1, the environments are Acrobot-v1',
  )
  const { id: _, ...old } = saved
  expect(await cart.restore(old)).toHaveLength(4)
  await expect(cart.step(Float32Array.of(0, 1))).rejects.toThrow(
    'CartPole-v1: the actions have 2 numbers, expected 1 environments × 1',
  )
})

test('a backflip is paid by the radians turned further than ever, and rocking to and fro is not', async () => {
  const hopper = await makeEnvironment('HopperBackflip-v0')
  hopper.reset(1)
  /** What a step pays, high in the air and spinning as it must, after another state. */
  const turn = (spin: number) => {
    const state = hopper.state!()
    const [x, , ...angles] = state.positions as number[]
    hopper.restore!({ ...state, positions: [x!, 2, ...angles], velocities: [0, 0, spin, 0, 0, 0] })
    const { reward, info } = hopper.step(new Float32Array(3))
    return { reward, turned: info!.turned as number }
  }
  const back = turn(-5)
  expect(back.turned).toBeGreaterThan(0.03)
  expect(back.reward).toBeCloseTo(back.turned, 9)
  expect(turn(5).reward).toBe(0)
  const again = turn(-20)
  expect(again.turned).toBeGreaterThan(back.turned)
  expect(again.reward).toBeCloseTo(again.turned - back.turned, 9)
  hopper.close?.()
})

test('what is not finite or not an action is named with environment, step and value', async () => {
  const broken = checked({
    ...counter(9),
    step: () => ({
      observation: Float32Array.of(Number.NaN),
      reward: 0,
      terminated: false,
      truncated: false,
    }),
  })
  expect(() => broken.step(0)).toThrow('counter: step before the first reset')
  broken.reset()
  expect(() => broken.step(0)).toThrow('counter, step 1 of episode 1: observation[0] is NaN')
  const greedy = checked({
    ...counter(9),
    step: () => ({ observation: Float32Array.of(0), reward: Infinity, terminated: false, truncated: false }),
  })
  greedy.reset()
  expect(() => greedy.step(0)).toThrow('the reward is Infinity')
  expect(() => greedy.step(2)).toThrow('the action is 2, expected a whole number from 0 to 1')
  const pendulum = await makeEnvironment('Pendulum-v1')
  pendulum.reset()
  expect(() => pendulum.step(Float32Array.of(1, 2))).toThrow('the action has 2 elements, expected 1 numbers')
  expect(() => pendulum.step(Float32Array.of(Number.NaN))).toThrow('action[0] is NaN')
})

test('a step after the end of an episode is refused until a reset or a restore', () => {
  for (const ending of [counter(2), timeLimit(counter(9), 2)]) {
    const environment = checked(ending)
    environment.reset()
    environment.step(0)
    const saved = environment.state!()
    environment.step(0)
    expect(() => environment.step(0)).toThrow('counter: step after the end of the episode: call reset')
    environment.restore!(saved)
    environment.step(0)
    expect(() => environment.step(0)).toThrow('step after the end')
    environment.reset()
    environment.step(0)
  }
})

test('after a restore, errors count from there', () => {
  const environment = checked(counter(9))
  environment.restore!({ at: 5 })
  environment.step(0)
  expect(() => environment.step(2)).toThrow('counter, step 2 after the restore: the action is 2')
  environment.reset()
  expect(() => environment.step(2)).toThrow('counter, step 1 of episode 1 after the restore: the action')
})

test('a time limit is a whole number, and is restored as one; limits around limits too', async () => {
  for (const maxSteps of [Number.NaN, -1, 0, 1.5])
    await expect(makeEnvironment('CartPole-v1', { maxSteps })).rejects.toThrow(
      `CartPole-v1: the time limit is ${maxSteps} steps, expected a whole number from 1`,
    )
  const limited = timeLimit(timeLimit(counter(9), 3), 4)
  expect(() => limited.restore!({ at: 1 })).toThrow(
    "counter: the saved state's 'elapsed' is undefined, expected a number of steps",
  )
  limited.reset()
  limited.step(0)
  limited.restore!(limited.state!())
  expect([limited.step(0).truncated, limited.step(0).truncated]).toEqual([false, true])
})

test('a box has as many bounds as elements', () => {
  expect(() => box([3], [-1], 1)).toThrow('a box of shape [3]: low has 1 numbers, expected 3')
  expect(() => box([2, 2], 0, [1, 1])).toThrow('a box of shape [2,2]: high has 2 numbers, expected 4')
  expect([...box([2], [0, 1], 2).high]).toEqual([2, 2])
})

test('with another future, a restored state has other episodes after it, the same for the same number', async () => {
  for (const id of ['CartPole-v1', 'Pendulum-v1', 'MountainCar-v0', 'Acrobot-v1', 'Reacher-v5', 'Tetris']) {
    const environment = await makeEnvironment(id)
    environment.reset(5)
    const saved = environment.state!()
    const next = (future?: number) => {
      environment.restore!(saved, future)
      return [...environment.reset(), ...environment.reset()]
    }
    const [own, seventh] = [next(), next(7)]
    expect(next()).toEqual(own)
    expect(next(7)).toEqual(seventh)
    expect(seventh).not.toEqual(own)
    expect(next(8)).not.toEqual(seventh)
    environment.close?.()
  }
})

test('XML that is not a model is named with the reason and the line', async () => {
  const engine = await mujoco()
  const compile = (xml: string) => () => compileModel(engine, { name: 'mine', xml })
  expect(compile('<mujoco')).toThrow(/^mine: the XML is not a MuJoCo model: XML parse error.*Line number=1/)
  expect(compile('<mujoco><worldbody><geom type="ball"/></worldbody></mujoco>')).toThrow(
    /^mine: .*invalid keyword: 'ball'.*line 1/,
  )
  await expect(mujocoEnvironment({ ...hopper(5), id: 'Broken', xml: '<mujoko/>' })).rejects.toThrow(
    /^Broken: /,
  )
})

test('an unknown environment is named with those there are', async () => {
  await expect(makeEnvironment('Hoper-v4')).rejects.toThrow(
    /no environment 'Hoper-v4'; there are CartPole-v1/,
  )
  await expect(
    vectorise([() => makeEnvironment('CartPole-v1'), () => makeEnvironment('Acrobot-v1')]),
  ).rejects.toThrow("'Acrobot-v1' cannot be batched with 'CartPole-v1'")
})
