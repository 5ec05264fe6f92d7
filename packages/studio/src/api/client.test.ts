import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { readAll } from './context.tsx'

const claim = (send: typeof fetch) =>
  createClient(send, 20).call('POST /api/projects/{id}/claim', { params: { id: 'p' }, body: {} })

test('a call of labelling that nobody answers, or whose answer is cut off, counts as unreachable', async () => {
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason))
    })
  await expect(claim(silent)).rejects.toMatchObject({ status: 0, code: 'unreachable', passing: true })
  const cut: typeof fetch = async () =>
    new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('network error')) }))
  await expect(claim(cut)).rejects.toMatchObject({ status: 0, code: 'unreachable', passing: true })
})

test('a list is read to its end', async () => {
  const asked: string[] = []
  const send: typeof fetch = async (url) => {
    asked.push(String(url))
    const isLast = String(url).includes('cursor=k2')
    return Response.json({ items: [{ id: isLast ? 'k3' : 'k2' }], nextCursor: isLast ? null : 'k2' })
  }
  const { items } = await readAll(createClient(send), 'GET /api/keys', { query: {} })
  expect(items.map(({ id }) => id)).toEqual(['k2', 'k3'])
  expect(asked).toEqual(['/api/keys?limit=500', '/api/keys?limit=500&cursor=k2'])
})
