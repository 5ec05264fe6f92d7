import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { arrayOf, type StoredArray } from '../../test/fixture.ts'
import { blockFormats, dequantise } from './blocks.ts'

interface Case {
  readonly type: number
  readonly name: string
  readonly bytes: string
  readonly values: StoredArray
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/gguf-blocks.json', import.meta.url), 'utf8'),
) as { cases: Case[] }

test.each(cases)('$name: the numbers of gguf-py', ({ type, name, bytes, values }) => {
  const format = blockFormats.get(type)!
  expect(format.name).toBe(name)
  const ours = dequantise(Buffer.from(bytes, 'base64'), format)
  const theirs = arrayOf(values).data as Float32Array
  expect(ours.length).toBe(theirs.length)
  const scale = Math.max(...theirs.map(Math.abs))
  ours.forEach((x, i) => {
    expect(Math.abs(x - theirs[i]!)).toBeLessThanOrEqual(1e-6 * scale)
  })
})
