import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEnvironment } from './make.ts'
import { vectorise } from './vector.ts'
import { vectoriseInWorkers } from './workers.ts'

let threads: Worker[] = []
const noticed = (worker: Worker) => threads.push(worker)
beforeEach(() => {
  threads = []
  process.on('worker', noticed)
})
afterEach(() => {
  process.off('worker', noticed)
})

test('environments in worker threads have the same bits as on one thread, also from a saved state', async () => {
  const options = { maxSteps: 7 }
  const here = await vectorise(
    Array.from({ length: 3 }, () => () => makeEnvironment('Pendulum-v1', options)),
    { seed: 5 },
  )
  const there = await vectoriseInWorkers('Pendulum-v1', { count: 3, workers: 2, seed: 5, ...options })
  try {
    expect(await there.reset()).toEqual(await here.reset())
    const actions = (t: number) => Float32Array.from({ length: 3 }, (_, i) => Math.sin(t + i))
    for (let t = 0; t < 10; t++) expect(await there.step(actions(t))).toEqual(await here.step(actions(t)))
    const saved = await there.state()
    expect(saved).toEqual(await here.state())
    for (let t = 0; t < 10; t++) await there.step(actions(2 * t))
    await there.restore(saved)
    for (let t = 0; t < 10; t++) expect(await there.step(actions(t))).toEqual(await here.step(actions(t)))
    await expect(there.restore({ ...saved, id: 'Acrobot-v1' })).rejects.toThrow('one of Acrobot-v1')
    await expect(there.step(actions(0).subarray(1))).rejects.toThrow('have 2 numbers, expected 3')
  } finally {
    await there.close()
  }
})

test('answers belong to their questions, also when one thread has failed; what it threw stays what it was', async () => {
  const here = await vectorise([1, 2].map(() => () => makeEnvironment('Pendulum-v1')))
  const there = await vectoriseInWorkers('Pendulum-v1', { count: 2, workers: 2 })
  const batches = [here, there]
  const [one, two] = [Float32Array.of(1, -1), Float32Array.of(0.5, 2)]
  await Promise.all(batches.map((batch) => batch.reset()))
  const [first, second, state] = await Promise.all([there.step(one), there.step(two), there.state()])
  expect([first, second, state]).toEqual([await here.step(one), await here.step(two), await here.state()])
  const cause = await there.step(Float32Array.of(Number.NaN, 1)).catch((error: unknown) => error)
  expect(cause).toBeInstanceOf(RangeError)
  expect((cause as RangeError).message).toMatch('Pendulum-v1, step 3 of episode 1: action[0] is NaN')
  expect((cause as RangeError).stack).toMatch('checked.ts')
  await here.reset(1)
  expect(await there.reset(1)).toEqual(await here.reset(1))
  await Promise.all([there.close(), there.close()])
  await there.close()
  await expect(there.reset()).rejects.toThrow("Pendulum-v1: the environments' thread has ended")
})

test('a thread that has ended fails every later call, and the other threads end at close', async () => {
  const batch = await vectoriseInWorkers('Pendulum-v1', { count: 2, workers: 2 })
  await batch.reset()
  const [one, other] = threads as [Worker, Worker]
  const asked = batch.step(Float32Array.of(0, 0))
  const ended = expect(asked).rejects.toThrow("Pendulum-v1: the environments' thread has ended (code 1)")
  await one.terminate()
  await ended
  await expect(batch.state()).rejects.toThrow('has ended')
  const gone = once(other, 'exit')
  await expect(batch.close()).rejects.toThrow('has ended')
  await gone
})

test('an error of a thread that is asked nothing is told by the next call', async () => {
  const batch = await vectoriseInWorkers('Pendulum-v1', { count: 1, workers: 1 })
  await batch.reset()
  threads[0]!.postMessage(null)
  await new Promise((resolve) => threads[0]!.once('exit', resolve))
  await expect(batch.reset()).rejects.toThrow("Cannot destructure property 'number'")
  await expect(batch.close()).rejects.toThrow("Cannot destructure property 'number'")
})

test('numbers of environments and threads are whole, and the environment is there', async () => {
  const made = (count: number, workers: number, id = 'Pendulum-v1') =>
    vectoriseInWorkers(id, { count, workers })
  await expect(made(2, 3)).rejects.toThrow('workers is 3, expected a whole number from 1 to 2')
  await expect(made(3, 1.5)).rejects.toThrow('workers is 1.5, expected a whole number from 1 to 3')
  await expect(made(2.5, 2)).rejects.toThrow('count is 2.5, expected a whole number of environments from 1')
  await expect(made(2, 1, 'Pendulum')).rejects.toThrow('no environment')
  expect(threads).toEqual([])
})
