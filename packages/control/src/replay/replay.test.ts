import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Replay, replay } from './replay.ts'

const sizes = { observationSize: 1, actionSize: 1 }

function add(buffer: Replay, x: number): void {
  buffer.add({
    observation: Float32Array.of(x),
    action: Float32Array.of(-x),
    next: Float32Array.of(x + 1),
    reward: 7,
    terminated: x % 2 === 0,
  })
}

const everything = (buffer: Replay) => buffer.rows(Array.from({ length: buffer.size() }, (_, i) => i))

describe('replay', () => {
  it('keeps what happened and tells rewards anew', async () => {
    const buffer = replay(3, sizes)
    add(buffer, 1)
    add(buffer, 2)
    await buffer.relabel(({ rewards }) => rewards, 'all')
    add(buffer, 3)
    expect([buffer.size(), buffer.labelled()]).toEqual([3, 2])
    await buffer.relabel(
      ({ observations, actions }) => observations.map((s, i) => s + 10 * actions[i]!),
      'new',
    )
    const rows = buffer.rows([2, 0, 1])
    expect([...rows.rewards]).toEqual([-27, 7, 7])
    expect([...rows.terminated]).toEqual([0, 0, 1])
  })

  it('refuses rewards that are missing or no numbers, and says whose', async () => {
    const buffer = replay(3, sizes)
    for (const x of [1, 2]) add(buffer, x)
    await expect(buffer.relabel(() => Float32Array.of(1), 'all')).rejects.toThrow(
      'gave 1 numbers for 2 steps',
    )
    await expect(buffer.relabel(() => Float32Array.of(1, Number.NaN), 'all')).rejects.toThrow(
      'the reward of transition 1 of 2 in the replay buffer is NaN',
    )
    expect(buffer.labelled()).toBe(0)
  })

  it('forgets the oldest, and says of how many of the rest the rewards were told', async () => {
    const buffer = replay(3, sizes)
    for (const x of [1, 2, 3, 4]) add(buffer, x)
    expect([...everything(buffer).observations]).toEqual([2, 3, 4])
    await buffer.relabel(({ observations }) => observations, 'new')
    add(buffer, 5)
    add(buffer, 6)
    expect([buffer.added(), buffer.size(), buffer.labelled()]).toEqual([6, 3, 1])
    await buffer.relabel(({ observations }) => observations.map((s) => 10 * s), 'new')
    expect([...everything(buffer).rewards]).toEqual([4, 50, 60])
  })

  it('is the end of a list, also when it was saved and taken back in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 20 }),
        async (capacity, xs, at) => {
          let buffer = replay(capacity, sizes)
          for (const [i, x] of xs.entries()) {
            if (i === at) {
              const again = replay(capacity, sizes)
              again.restore(buffer.tensors())
              buffer = again
            }
            add(buffer, x)
          }
          await buffer.relabel(({ observations }) => observations.map((s) => 2 * s), 'all')
          const kept = xs.slice(-capacity)
          const rows = everything(buffer)
          expect([...rows.observations]).toEqual(kept)
          expect([...rows.next]).toEqual(kept.map((x) => x + 1))
          expect([...rows.rewards]).toEqual(kept.map((x) => 2 * x))
          expect(buffer.added()).toBe(xs.length)
        },
      ),
    )
  })

  it('refuses what was saved of another size', () => {
    const buffer = replay(2, sizes)
    for (const x of [1, 2]) add(buffer, x)
    expect(() => replay(1, sizes).restore(buffer.tensors())).toThrow('do not fit 1 transitions')
    add(buffer, 3)
    expect(() => replay(3, sizes).restore(buffer.tensors())).toThrow('cannot go on with 3')
  })
})
