import { protocolSchema } from '@attune/feedback'
import { expect, test } from 'vitest'
import { checkProtocol, misfitOf } from './fit.ts'

const protocol = (given: object) => protocolSchema.parse(given)
const texts = (count: number) => ({ completions: Array.from({ length: count }, () => ({ text: 'x' })) })

test.each([
  ['comparison', [2]],
  ['ranking', [2, 3, 9]],
  ['binary', [1, 2, 10]],
  ['demonstration', [0, 1, 2, 3, 9, 10]],
])('a %s can be asked about items of these sizes', (kind, counts) => {
  const fitting = [0, 1, 2, 3, 9, 10].filter((count) => !misfitOf(texts(count), protocol({ kind })))
  expect(fitting).toEqual(expect.arrayContaining(counts))
  expect(fitting.includes(0)).toBe(kind === 'demonstration')
  expect(fitting.includes(10)).toBe(kind === 'demonstration' || kind === 'binary')
  if (kind === 'comparison') expect(fitting).toEqual([2])
})

test('a pair of clips has two clips, whatever its texts', () => {
  const clips = protocol({ kind: 'clip-comparison' })
  expect(misfitOf(texts(2), clips)).toBe('has 0 clips, but a clip-comparison needs 2')
  expect(misfitOf({ ...texts(2), clips: ['a', 'b'] }, clips)).toBeUndefined()
})

test('a protocol under which no answer could be given is refused with its field', () => {
  const scale = { name: 'Helpful', low: 1, high: 7 }
  const rating = (scales: object[]) => () => checkProtocol(protocol({ kind: 'rating', scales }))
  expect(rating([scale, { ...scale, name: 'True' }])).not.toThrow()
  expect(rating([])).toThrow('body.protocol.scales')
  expect(rating([scale, { ...scale, low: 7 }])).toThrow('body.protocol.scales.1')
  expect(rating([scale, scale])).toThrow('body.protocol.scales.1.name')
  expect(() => checkProtocol(protocol({ kind: 'rule-check' }))).toThrow('body.protocol.rules')
  expect(() => checkProtocol(protocol({ kind: 'comparison' }))).not.toThrow()
})
