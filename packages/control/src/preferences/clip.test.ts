import { describe, expect, it } from 'vitest'
import { walk } from '../../test/walk.ts'
import { makeEnvironment } from '../envs/make.ts'
import { clipPlaces, episodeClips, trueReturn } from './clip.ts'
import { clipDrawings } from './picture.ts'

describe('clips', () => {
  it('lie within one episode; a short whole episode is a clip of its own', () => {
    const recorded = walk('a', {
      steps: 30,
      ends: [
        [9, 0],
        [13, 0],
        [29, 0],
        [4, 1],
      ],
    })
    const places = clipPlaces([recorded], 10)
    // Environment 0: 1 start in steps 0–9, the episode 10–13 whole, 7 starts in 14–29; environment 1: 16 in 5–29.
    expect(places.count).toBe(1 + 1 + 7 + 16)
    const clips = Array.from({ length: places.count }, (_, i) => places.at(i))
    expect(new Set(clips.map(({ id }) => id)).size).toBe(places.count)
    expect(clips.filter(({ steps }) => steps !== 10).map(({ id }) => id)).toEqual(['a-e0-t10+4'])
    for (const { from, steps } of clips)
      for (let t = from.start; t < from.start + steps - 1; t++)
        expect(recorded.rollout.ended[t * 2 + from.index]).toBe(0)
  })

  it('take a demonstrated episode whole, the last one reaching back', () => {
    const recorded = walk('d', {
      steps: 30,
      ends: [
        [3, 0],
        [29, 0],
      ],
    })
    const ids = episodeClips(recorded, 10).map(({ id }) => id)
    expect(ids.filter((id) => id.startsWith('d-e0'))).toEqual([
      'd-e0-t0+4',
      'd-e0-t4+10',
      'd-e0-t14+10',
      'd-e0-t20+10',
    ])
    expect(ids.filter((id) => id.startsWith('d-e1'))).toEqual(['d-e1-t0+10', 'd-e1-t10+10', 'd-e1-t20+10'])
  })

  it('carry their own rows', () => {
    const { rollout, source } = walk('b')
    const clip = clipPlaces([{ rollout, source }], 5).at(57) // second start of environment 1
    expect(clip.id).toBe('b-e1-t1+5')
    expect([...clip.observations]).toEqual([1, 2, 3, 4, 5].map((t) => rollout.observations[t * 2 + 1]))
    expect(trueReturn(clip)).toBeCloseTo(
      [1, 2, 3, 4, 5].reduce((sum, t) => sum + rollout.rewards[t * 2 + 1]!, 0),
      6,
    )
  })

  it('are drawn by playing them again', async () => {
    const environment = await makeEnvironment('CartPole-v1')
    environment.reset(4)
    const start = { environments: [environment.state!()], observations: [], returns: [], steps: [] }
    const steps = 40
    const actions = Float32Array.from({ length: steps }, (_, t) => t % 2)
    const drawn: unknown[] = []
    const ended = new Uint8Array(steps)
    for (const [t, action] of actions.entries()) {
      drawn.push(environment.drawing!())
      const { terminated } = environment.step(t < 15 ? 1 : action)
      if (t < 15) actions[t] = 1
      ended[t] = Number(terminated)
      if (terminated) environment.reset()
    }
    expect(ended.includes(1)).toBe(true)
    const rollout = { ...walk('c', { steps }).rollout, count: 1, actions, ended }
    const clip = { id: 'x', steps: 8, from: { source: 'c', index: 0, start: 25 } }
    const frames = clipDrawings(await makeEnvironment('CartPole-v1'), { source: 'c', rollout, start }, clip)
    expect(frames.length).toBe(9)
    expect(frames.slice(0, 8)).toEqual(drawn.slice(25, 33))
    expect(() => clipDrawings(environment, { source: 'd', rollout, start }, clip)).toThrow(
      "rollout 'c' is not here",
    )
  })
})
