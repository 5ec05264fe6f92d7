import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { browser, guardedServer, pairs, password } from './harness.ts'

test('addresses in requests make the server connect to nothing (SSRF)', async () => {
  const server = await guardedServer()
  let connections = 0
  const trap = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/secret`
  const { call } = await browser(server, { name: 'root', password })
  const { id } = (await call('POST', '/api/projects', { name: url, description: url, protocol: pairs })).json
  const item = {
    prompt: `![x](${url})`,
    completions: [{ text: url, model: url }, { text: `<img src=${url}>` }],
  }
  const statuses: number[] = []
  const send = async (method: string, path: string, body?: unknown) => {
    statuses.push((await call(method, path, body)).status)
  }
  await send('POST', `/api/projects/${id}/items`, { items: [item] })
  await send('POST', `/api/projects/${id}/import`, {
    format: 'jsonl',
    text: JSON.stringify({ prompt: url, chosen: url, rejected: 'x' }),
  })
  await send('GET', `/api/projects/${id}/export?format=csv`)
  for (const field of ['model', 'comparisons', 'reward', 'prompts'])
    await send('POST', '/api/runs', {
      name: 'ssrf',
      recipe: `name: ssrf\nstages: [{ name: a, stage: reward, ${field}: "${url}" }]\n`,
    })
  await send('PATCH', `/api/projects/${id}/selection`, { models: [url] })
  await send('POST', '/v1/score', { model: url, inputs: [{ prompt: url, completion: url }] })
  await send('POST', '/v1/completions', { model: url, prompt: url })
  await new Promise((resolve) => setTimeout(resolve, 300))
  trap.close()
  await server.remove()
  expect(connections).toBe(0)
  expect(statuses).toEqual([201, 200, 200, 400, 400, 400, 400, 400, 400, 400])
})
