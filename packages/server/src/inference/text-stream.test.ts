import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutAtStop, textStream } from './text-stream.ts'

const utf8 = (tokens: readonly number[]) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(tokens))

function streamed(text: string, stops: readonly string[]): string[] {
  const bytes = [...new TextEncoder().encode(text)]
  const stream = textStream(utf8, stops)
  const parts: string[] = []
  for (const [i, byte] of bytes.entries()) {
    parts.push(stream.push(byte, i === bytes.length - 1))
    if (stops.some((stop) => utf8(bytes.slice(0, i + 1)).includes(stop))) break
  }
  return parts
}

test('what comes out piece by piece is the text up to the stop string', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  const stops = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\n'), minLength: 1, maxLength: 3 }),
    {
      maxLength: 3,
    },
  )
  const mixed = fc.array(fc.oneof(text, fc.constantFrom('a', 'b', 'ab', 'é', '\n')), { minLength: 1 })
  fc.assert(
    fc.property(mixed, stops, (parts, stops) => {
      const whole = parts.join('')
      const ends = [...whole].map((_, i) => [...whole].slice(0, i + 1).join(''))
      const first = ends.find((text) => stops.some((stop) => text.includes(stop))) ?? whole
      expect(streamed(whole, stops).join('')).toBe(cutAtStop(first, stops))
    }),
  )
})

test('the beginning of a stop string and half a character wait', () => {
  expect(streamed('one\n\nHuman: two', ['\n\nHuman:'])).toEqual(['o', 'n', 'e', ...Array(8).fill('')])
  expect(streamed('aé!', [])).toEqual(['a', '', 'é', '!'])
})
