import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventsOf, textOf } from './stream.ts'

function responseOf(text: string, cuts: readonly number[]): Response {
  const bytes = new TextEncoder().encode(text)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 1; i < places.length; i++) controller.enqueue(bytes.slice(places[i - 1], places[i]))
      controller.close()
    },
  })
  return new Response(body)
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

test('the text is the same wherever the network cuts it, in the middle of a character too', async () => {
  const pieces = ['Grüße', ' — ', '日本', ' 👍']
  const chunks = pieces.map((text) => `data: ${JSON.stringify({ choices: [{ text }] })}\n\n`)
  const stream = `${chunks.join('')}data: [DONE]\n\n`
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
      expect((await all(textOf(responseOf(stream, cuts)))).join('')).toBe(pieces.join(''))
    }),
    { numRuns: 60 },
  )
})

test('events of other kinds and comments are passed over, and an error is thrown', async () => {
  expect(await all(eventsOf(responseOf(': hello\n\nevent: x\ndata: 1\n\n', [])))).toEqual(['1'])
  const failing = responseOf('data: {"error":{"message":"out of memory"}}\n\n', [])
  await expect(all(textOf(failing))).rejects.toThrow('out of memory')
})
