import { expect, test } from 'vitest'
import { makeEnvironment } from '../make.ts'
import { simulation } from './simulation.ts'

const motor = (actuator: string) => `<mujoco><worldbody><body>
  <joint name="hinge"/><geom size="0.1" pos="1 0 0"/></body></worldbody><actuator>${actuator}</actuator></mujoco>`
const filtered = motor('<general joint="hinge" dyntype="filter" dynprm="0.5" gainprm="3"/>')

test('a saved state has the actuators: one with a state of its own goes on to the same future', async () => {
  const world = await simulation({ name: 'Filtered', xml: filtered }, { frameSkip: 5 })
  world.begin([0], [0])
  world.advance(Float32Array.of(1))
  const saved = JSON.parse(JSON.stringify(world.state()))
  const next = () => {
    world.advance(Float32Array.of(0))
    return [...world.data.qpos, ...world.data.qvel]
  }
  const future = next()
  world.begin([9], [9])
  world.restore(saved)
  expect([...world.data.ctrl]).toEqual([1])
  expect(next()).toEqual(future)
  world.close()
  const plain = await simulation({ name: 'Plain', xml: motor('<motor joint="hinge"/>') }, { frameSkip: 1 })
  expect(Object.keys(plain.state())).toEqual(['positions', 'velocities', 'controls', 'warmstart', 'bodies'])
  plain.close()
})

test('a state of another model is refused before anything is changed; one without all parts is not', async () => {
  const pendulum = await makeEnvironment('InvertedPendulum-v5')
  const hopper = await makeEnvironment('Hopper-v5')
  pendulum.reset(1)
  hopper.reset(2)
  const [other, own] = [pendulum.state!(), hopper.state!()]
  expect(() => hopper.restore!(other)).toThrow(
    "Hopper-v5: the saved state has 2 numbers of 'positions', expected 6",
  )
  expect(() => hopper.restore!({ ...own, bodies: [1] })).toThrow("1 numbers of 'bodies', expected 15")
  expect(hopper.state!()).toEqual(own)
  const { positions, velocities, seed, episode, elapsed } = own
  hopper.restore!({
    positions: positions!,
    velocities: velocities!,
    seed: seed!,
    episode: episode!,
    elapsed: elapsed!,
  })
  expect(() => hopper.restore!({ seed: 0, episode: 0, elapsed: 0 })).toThrow("0 numbers of 'positions'")
  pendulum.close?.()
  hopper.close?.()
})

test('the drawing of a restored state is the one before it was saved, and drawing changes nothing', async () => {
  for (const id of ['Ant-v5', 'HalfCheetah-v4', 'Hopper-v4']) {
    const [one, other] = [await makeEnvironment(id), await makeEnvironment(id)]
    const push = () =>
      new Float32Array(one.actionSpace.kind === 'box' ? one.actionSpace.low.length : 0).fill(0.7)
    for (const environment of [one, other]) {
      environment.reset(3)
      for (let t = 0; t < 12; t++) environment.step(push())
    }
    const drawn = one.drawing!()
    expect(one.step(push())).toEqual(other.step(push()))
    const [before, saved] = [one.drawing!(), one.state!()]
    one.reset(4)
    one.restore!(saved)
    expect(one.drawing!()).toEqual(before)
    expect(drawn).not.toEqual(before)
    one.close?.()
    other.close?.()
  }
})
