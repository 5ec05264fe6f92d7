import { expect, test } from 'vitest'
import { makeEnvironment } from './make.ts'
import { vectorise } from './vector.ts'
import { vectoriseInWorkers } from './workers.ts'

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
    await expect(there.step(Float32Array.of(0, 0, Number.NaN))).rejects.toThrow('Pendulum-v1, step')
  } finally {
    await there.close()
  }
  await expect(vectoriseInWorkers('Pendulum-v1', { count: 2, workers: 3 })).rejects.toThrow(
    'workers is 3, expected 1 to 2',
  )
  await expect(vectoriseInWorkers('Pendulum', { count: 2, workers: 1 })).rejects.toThrow('no environment')
})
