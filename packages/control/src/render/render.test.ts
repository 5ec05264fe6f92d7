import type { Drawing } from '@attune/feedback'
import { expect, test } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
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
})
