import { describe, expect, it } from 'vitest'
import { bootstrap } from './bootstrap.ts'
import type { Clip } from './clip.ts'
import { adaptDecay, scoreFit } from './reward-fit.ts'

describe('bootstrap', () => {
  it('holds out about 1/e of the pairs for each member, and the same ones when more come', () => {
    const pairs = pairsNamed(400, 1)
    const options = { seed: 1, members: 3, iteration: 0 }
    const { counts, batch } = bootstrap(pairs, options)
    const few = bootstrap(pairs.slice(0, 100), options)
    for (const [e, member] of counts.entries()) {
      expect(few.counts[e]).toEqual(member.slice(0, 100))
      expect(member.filter((times) => times === 0).length / 400).toBeCloseTo(Math.exp(-1), 1)
    }
    const drawn = batch(0, 50)
    for (const [at, i] of drawn.entries()) expect(counts[Math.floor(at / 50)]![i]).toBeGreaterThan(0)
  })

  it('draws a pair as often as it was answered, and gives all to a member that would have none', () => {
    const pairs = [...pairsNamed(200, 1), ...pairsNamed(200, 4, 'c')]
    const drawn = bootstrap(pairs, { seed: 1, members: 1, iteration: 0 }).batch(0, 4000)
    const often = drawn.filter((i) => i >= 200).length
    expect(often / 4000).toBeCloseTo(0.8, 1)
    const alone = Array.from({ length: 20 }, (_, seed) =>
      bootstrap(pairsNamed(1, 1), { seed, members: 1, iteration: 0 }),
    )
    expect(alone.map(({ counts }) => counts[0]![0]! > 0)).toEqual(Array(20).fill(true))
  })
})

function pairsNamed(count: number, answers: number, name = 'a') {
  return Array.from({ length: count }, (_, i) => ({
    first: { id: `${name}${i}` } as Clip,
    second: { id: 'b' } as Clip,
    answers,
  }))
}

describe('adaptDecay', () => {
  it('follows the loss on unseen pairs within its bounds, and leaves what is not known', () => {
    const decay = Float32Array.of(1e-3, 1e-3, 1e-3, 1e-3, 0, 1e-2)
    adaptDecay(decay, [
      { own: 1, unseen: 2 },
      { own: 1, unseen: 1 },
      { own: 1, unseen: undefined },
      { own: undefined, unseen: 1 },
      { own: 1, unseen: 2 },
      { own: 1, unseen: 2 },
    ])
    const expected = [1.5e-3, 1e-3 / 1.5, 1e-3, 1e-3, 0, 1e-2]
    for (const [e, value] of expected.entries()) expect(decay[e]).toBeCloseTo(value, 8)
  })

  it('says nothing of unseen pairs where every member has seen all', () => {
    const sums = [Float32Array.of(1, 0), Float32Array.of(2, 0)]
    const pair = { ...pairsNamed(1, 1)[0]!, target: 1 }
    const sample = { counts: [[1], [2]], batch: () => new Int32Array() }
    const { members, metrics } = scoreFit(sums, { pairs: [pair], sample, lapse: 0 })
    expect(members.map(({ unseen }) => unseen)).toEqual([undefined, undefined])
    expect(Object.keys(metrics)).toEqual(['reward/loss', 'reward/accuracy'])
  })
})
