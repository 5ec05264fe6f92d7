import { expect, test } from 'vitest'
import { inference } from './inference.ts'

test('a worker that cannot be started fails its request, and not this process', async () => {
  const { ask, close } = inference({ folder: '/there/is/no/such/folder' })
  for (let i = 0; i < 2; i++)
    await expect(ask({ type: 'none' } as never).next()).rejects.toMatchObject({ name: 'WorkerUnavailable' })
  await close()
})
