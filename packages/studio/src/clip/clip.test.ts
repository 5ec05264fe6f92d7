import { expect, test } from 'vitest'
import { checkClip, frameAt, parseClip, secondsOf } from './clip.ts'
import { batches, clipItems } from './clip-items.ts'

const frame = { view: { left: 0, right: 1, bottom: 0, top: 1 }, background: '#fff', figures: [] }
const clip = (id: string, frames: readonly unknown[] = [frame, frame]) => ({ id, framesPerSecond: 4, frames })

test('a clip comes back from its text, and frames follow the time', () => {
  const read = parseClip(JSON.stringify(clip('a', [frame, 'data:image/png;base64,AA==', frame])))
  expect(read.frames).toHaveLength(3)
  expect(secondsOf(read)).toBe(0.75)
  expect([0, 0.24, 0.25, 0.74, 9].map((seconds) => frameAt(read, seconds))).toEqual([0, 0, 1, 2, 2])
})

const fill = '#c40'
const figures = [
  { kind: 'circle', x: 0, y: 0, radius: 1, fill },
  { kind: 'capsule', from: [0, 0], to: [1, 1], radius: 0, fill },
  {
    kind: 'polygon',
    points: [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
    fill,
  },
  { kind: 'text', x: 0, y: 0, size: 1, text: 'up', fill },
]

test('every kind of figure is taken; one that cannot be drawn is refused with its frame', () => {
  const text = (all: readonly unknown[]) => JSON.stringify(clip('a', [frame, { ...frame, figures: all }]))
  expect(parseClip(text(figures)).frames).toHaveLength(2)
  const broken = [
    null,
    {},
    { kind: 'star', fill },
    ...figures.map((figure) => ({ ...figure, fill: undefined })),
    { kind: 'circle', x: 0, y: 0, radius: -1, fill },
    { kind: 'circle', x: 0, radius: 1, fill },
    { kind: 'capsule', from: [0, 0], radius: 1, fill },
    { kind: 'capsule', from: [0], to: [1, 1], radius: 1, fill },
    { kind: 'polygon', fill },
    { kind: 'polygon', points: [[0, 0], null], fill },
    { kind: 'text', x: 0, y: 0, size: 1, text: 7, fill },
  ]
  for (const figure of broken)
    expect(() => parseClip(text([...figures, figure])), JSON.stringify(figure)).toThrow(
      'Frame 1 of the clip a is neither',
    )
})

test.each([
  ['no JSON', 'not JSON'],
  ['null', 'no "id"'],
  [JSON.stringify({ ...clip('a'), framesPerSecond: 0 }), 'a needs "framesPerSecond" above 0'],
  [JSON.stringify(clip('a', [])), 'a has no "frames"'],
  [JSON.stringify(clip('a', [frame, 'https://example.org/x.png'])), 'Frame 1 of the clip a is neither'],
  [JSON.stringify(clip('a', [{ ...frame, view: { left: 0 } }])), 'Frame 0 of the clip a is neither'],
  [
    JSON.stringify(clip('a', [{ ...frame, view: { ...frame.view, right: -1 } }])),
    'Frame 0 of the clip a is neither',
  ],
])('%s is refused with the place and the reason', (text, reason) => {
  expect(() => parseClip(text)).toThrow(reason)
})

test('items of a file name their clips and carry them as texts; a broken line is named', () => {
  const lines = [
    JSON.stringify({ id: 'p', prompt: 'Run', clips: [clip('a'), clip('b')] }),
    JSON.stringify({ clips: [clip('c'), clip('d')] }),
  ]
  const [first, second] = clipItems(lines.join('\n'))
  expect(first).toMatchObject({ id: 'p', prompt: 'Run', clips: ['a', 'b'] })
  expect(second).toMatchObject({ prompt: '', clips: ['c', 'd'] })
  expect(first!.completions.map(({ text }) => checkClip(JSON.parse(text)).id)).toEqual(['a', 'b'])
  expect(() => clipItems(`${lines[0]}\n\n{"clips":[]}`)).toThrow('Line 3 of the file: expected "clips"')
  expect(() => clipItems('\n')).toThrow('has no lines')
})

test('an id or a prompt that is no text is refused, not left out', () => {
  const line = (fields: object) => JSON.stringify({ clips: [clip('a'), clip('b')], ...fields })
  expect(() => clipItems(line({ id: 7 }))).toThrow('Line 1 of the file: expected "id" as a text, found 7')
  expect(() => clipItems(line({ id: null }))).toThrow('expected "id" as a text, found null')
  expect(() => clipItems(line({ prompt: ['Run'] }))).toThrow('expected "prompt" as a text, found ["Run"]')
})

test('batches hold every item once, in order, none beyond the limit unless one item alone is', () => {
  const item = (bytes: number) => ({
    prompt: '',
    clips: ['a', 'b'] as const,
    completions: [{ text: 'x'.repeat(bytes) }],
  })
  const items = [5, 3, 1, 9, 2].map((megabytes) => item(megabytes * 2 ** 20))
  const parts = batches(items)
  expect(parts.flat()).toEqual(items)
  expect(parts.map(({ length }) => length)).toEqual([2, 1, 1, 1])
})
