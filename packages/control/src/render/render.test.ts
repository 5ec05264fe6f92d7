import type { Drawing } from '@attune/feedback'
import { expect, test } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { animatedPng } from './animation.ts'
import { png } from './png.ts'
import { drawingSvg, stripSvg } from './svg.ts'

const drawing: Drawing = {
  view: { left: -1, right: 1, bottom: 0, top: 1 },
  background: '#ffffff',
  figures: [
    { kind: 'circle', x: 0, y: 1, radius: 0.5, fill: '#ff0000' },
    { kind: 'capsule', from: [-1, 0], to: [1, 0.5], radius: 0.1, fill: '#00ff00' },
    { kind: 'capsule', from: [0.5, 0.5], to: [0.5, 0.5], radius: 0.1, fill: '#0000ff' },
    { kind: 'text', x: 0, y: 0.5, size: 0.1, text: 'a < b & c', fill: '#000000' },
  ],
}

test('figures stand where they should, y upwards (by hand)', () => {
  const svg = drawingSvg(drawing, { width: 200 })
  expect(svg).toContain('width="200" height="100"')
  expect(svg).toContain('<circle cx="100" cy="0" r="50" fill="#ff0000"/>')
  expect(svg).toContain('<line x1="0" y1="100" x2="200" y2="50" stroke="#00ff00" stroke-width="20"')
  expect(svg).toContain('<circle cx="150" cy="50" r="10" fill="#0000ff"/>')
  expect(svg).toContain('>a &lt; b &amp; c</text>')
})

test('what would break the document does not', async () => {
  const odd = {
    ...drawing,
    figures: [{ kind: 'text', x: 0, y: 0, size: 1, text: 'a\u0001"b', fill: '"><x' }],
  } as const
  expect(drawingSvg(odd)).toContain('fill="&quot;&gt;&lt;x">a"b</text>')
  await png(drawingSvg(odd))
  const lost = {
    ...drawing,
    figures: [{ kind: 'circle', x: Number.NaN, y: 0, radius: 1, fill: '#000' }],
  } as const
  expect(() => drawingSvg(lost)).toThrow('a figure has the coordinate NaN')
})

test('a strip is a picture of the size of its frames', async () => {
  const environment = await makeEnvironment('CartPole-v1')
  environment.reset(1)
  const frames = Array.from({ length: 5 }, () => {
    environment.step(1)
    return environment.drawing!()
  })
  const bytes = await png(stripSvg(frames, { width: 80, columns: 3 }))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  expect(new TextDecoder().decode(bytes.subarray(1, 4))).toBe('PNG')
  const height = Math.round((80 * (1.6 + 0.5)) / 5.2)
  expect([view.getUint32(16), view.getUint32(20)]).toEqual([240, 2 * height])
  expect(() => stripSvg([])).toThrow('there is no drawing')
  expect(() => stripSvg(frames, { columns: 0 })).toThrow('0 columns')
})

test('an animation holds every frame and its time, and reads as its first frame', async () => {
  const moved = { ...drawing, background: '#00ffff' }
  const frames = await Promise.all(
    [drawing, moved, drawing].map((each) => png(drawingSvg(each, { width: 20 }))),
  )
  const file = animatedPng(frames, { framesPerSecond: 25 })
  const parts = chunksOf(file)
  expect(parts.map(({ type }) => type).join(' ')).toBe('IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND')
  expect(parts[1]!.data.toString('hex')).toBe('0000000300000000')
  // Sequence 1, 20 × 10 at (0, 0), 40/1000 s, nothing disposed, nothing blended.
  expect(parts[4]!.data.toString('hex')).toBe('00000001000000140000000a0000000000000000002803e80000')
  for (const [chunk, frame, sequence] of [
    [5, 1, 2],
    [7, 2, 4],
  ] as const) {
    const { data } = parts[chunk]!
    expect(data.readUInt32BE()).toBe(sequence)
    expect(data.subarray(4)).toEqual(chunksOf(frames[frame]!).find(({ type }) => type === 'IDAT')!.data)
  }

  // resvg's reader of PNG refuses chunks whose checksums are wrong.
  const shown = (bytes: Uint8Array) =>
    png(
      `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><image width="20" height="10" href="data:image/png;base64,${Buffer.from(bytes).toString('base64')}"/></svg>`,
    )
  expect(await shown(file)).toEqual(await shown(frames[0]!))
  expect(await shown(file)).not.toEqual(await shown(frames[1]!))
})

test('what is no animation is refused', async () => {
  const [small, large] = await Promise.all([20, 30].map((width) => png(drawingSvg(drawing, { width }))))
  const pace = { framesPerSecond: 25 }
  expect(() => animatedPng([], pace)).toThrow('there is no frame to animate')
  expect(() => animatedPng([small!, large!], pace)).toThrow('frame 1 is of another size')
  expect(() => animatedPng([new Uint8Array(8)], pace)).toThrow('a frame is not a PNG file')
  expect(() => animatedPng([small!.subarray(0, 60)], pace)).toThrow('cut off in the middle')
  expect(() => animatedPng([small!.subarray(0, 8)], pace)).toThrow('no header')
  expect(() => animatedPng([small!], { framesPerSecond: 0.01 })).toThrow('0.01 frames a second')
})

function chunksOf(file: Uint8Array): { type: string; data: Buffer }[] {
  const bytes = Buffer.from(file)
  const found: { type: string; data: Buffer }[] = []
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    found.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      data: bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)),
    })
  return found
}
