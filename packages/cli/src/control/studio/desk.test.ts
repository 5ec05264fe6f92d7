import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { UserError } from '../../errors.ts'
import { studioDesk } from './desk.ts'

/** What opening a desk at a server that answers so comes to. */
async function opening(status: number, type: string, body: string): Promise<unknown> {
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const opened = await studioDesk({ url: `http://127.0.0.1:${port}` }, { project: 'p' }).catch(
    (cause) => cause,
  )
  await new Promise((resolve) => server.close(resolve))
  return opened
}

it.each([
  [200, 'text/html', '<!doctype html>', 'answers 200 to GET /api/session: no JSON'],
  [404, 'text/html', '<h1>Not Found</h1>', 'answers 404 to GET /api/session: no JSON'],
  [
    404,
    'application/json',
    '{"detail":"Not Found"}',
    'answers 404 to GET /api/session: {"detail":"Not Found"}',
  ],
  [200, 'application/json', 'null', 'answers 200 to GET /api/session: null'],
  [503, 'application/json', '{"error":{"message":"busy"}}', 'answers 503 to GET /api/session: busy'],
])('says what to do where no studio is: %i %s %s', async (status, type, body, found) => {
  const error = await opening(status, type, body)
  expect(error).toBeInstanceOf(UserError)
  expect((error as Error).message).toMatch(/^annotator\.url: http:\/\/127\.0\.0\.1:\d+ answers/)
  expect((error as Error).message).toContain(found)
  expect((error as Error).message).toContain('start one by `attune studio`')
})

it('says what to do where nothing answers', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await expect(studioDesk({ url: `http://localhost:${port}` }, { project: 'p' })).rejects.toThrow(
    /^annotator\.url: http:\/\/localhost:\d+ does not answer \(.*ECONNREFUSED.*\); expected a studio there: start one by `attune studio`/,
  )
})
