import { constant, type NdArray, valueAndGrad } from '@attune/grad'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestDifference, tinyTrainable } from '../../test/tiny.ts'
import { experience } from './experience.ts'
import { tokenLogProbs } from './forward.ts'
import { batchIndices } from './schedule.ts'
import { lastPositions, type SequenceBatch, sequenceBatch } from './sequences.ts'

describe('sequenceBatch', () => {
  test('the mask marks the positions that predict the completion', () => {
    const { tokens, targets, mask } = sequenceBatch(
      [
        { prompt: [1, 2], completion: [3, 4] },
        { prompt: [5], completion: [6] },
      ],
      5,
    )
    expect([...tokens.data]).toEqual([1, 2, 3, 4, 0, 5, 6, 0, 0, 0])
    expect([...targets.data]).toEqual([2, 3, 4, 0, 0, 6, 0, 0, 0, 0])
    expect([...mask.data]).toEqual([0, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    expect([...lastPositions([{ prompt: [1, 2], completion: [3, 4] }], 5).data]).toEqual([3])
  })

  test('every completion token is a target exactly once', () => {
    const ids = fc.array(fc.nat(50), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ prompt: ids, completion: ids }), { minLength: 1, maxLength: 5 }),
        (rows) => {
          const { targets, mask } = sequenceBatch(rows)
          const learnt = [...targets.data].filter((_, i) => mask.data[i] === 1)
          expect(learnt).toEqual(rows.flatMap(({ completion }) => completion))
        },
      ),
    )
  })

  test('learnt positions are where the mask is 1, and fill up a quarter', () => {
    const { learnt } = sequenceBatch([{ prompt: [1, 2, 3], completion: [4] }], 8)
    expect([...learnt!.data]).toEqual([2, 8])
    expect(sequenceBatch([{ prompt: [1], completion: [2, 3, 4, 5, 6, 7, 8] }], 8).learnt).toBeUndefined()
  })

  test('log-probabilities and gradients at learnt positions are those of the whole batch', async () => {
    const { architecture, parameters } = tinyTrainable()
    const { learnt, ...batch } = sequenceBatch([
      { prompt: [1, 2, 3, 4, 5, 6], completion: [7, 8] },
      { prompt: [5, 4, 3, 2, 5, 1, 9], completion: [6] },
    ])
    const run = valueAndGrad<[{ learnt?: NdArray | undefined; scale: number }]>(
      (weights, { learnt, scale }) => {
        const traced = { tokens: constant(batch.tokens), targets: constant(batch.targets), learnt }
        const { logp } = tokenLogProbs(architecture, weights, traced)
        const masked = logp.mul(constant(batch.mask))
        return { loss: masked.exp().mul(constant(batch.mask)).sum().mul(scale), stats: { masked } }
      },
    )
    const [some, all] = [await run(parameters, { learnt, scale: 1 }), await run(parameters, { scale: 1 })]
    expect(learnt!.shape[0]).toBe(8)
    expect(some.value).toBeCloseTo(all.value, 6)
    some.aux.masked!.data.forEach((x, i) => {
      expect(x).toBeCloseTo(all.aux.masked!.data[i]!, 5)
    })
    expect(largestDifference(some.grads, all.grads)).toBeLessThan(1e-5)
  })

  test('prompts that rows share are computed once, with the same log-probabilities and gradients', async () => {
    const { architecture, parameters } = tinyTrainable()
    const prompts = [20, 13].map((length) => Array.from({ length }, (_, i) => (5 * i + length) % 11))
    const rows = [
      { prompt: prompts[0]!, completion: [1, 2, 3] },
      { prompt: prompts[1]!, completion: [4] },
      { prompt: prompts[0]!, completion: [5] },
      { prompt: prompts[0]!, completion: [5, 6] },
      { prompt: prompts[1]!, completion: [7, 8] },
      ...Array.from({ length: 8 }, (_, i) => ({ prompt: prompts[i % 2]!, completion: [i, i, 1] })),
    ]
    const copies = rows.map(({ prompt, completion }) => ({ prompt: [...prompt], completion }))
    const [together, apart] = [sequenceBatch(rows), sequenceBatch(copies)]
    expect(together.shared!.tokens.shape).toEqual([1, 128])
    expect(apart.shared).toBeUndefined()
    const program = valueAndGrad<[SequenceBatch]>((weights, { mask, ...batch }) => {
      const logp = tokenLogProbs(architecture, weights, batch).logp.mul(mask)
      return { loss: logp.mul(logp).sum(), stats: { logp } }
    })
    const [some, all] = [await program(parameters, together), await program(parameters, apart)]
    some.aux.logp!.data.forEach((x, i) => {
      expect(x).toBeCloseTo(all.aux.logp!.data[i]!, 5)
    })
    expect(largestDifference(some.grads, all.grads)).toBeLessThan(1e-4)
  })

  test('rows with nothing to learn, or too long, are named', () => {
    expect(() => sequenceBatch([{ prompt: [1], completion: [] }])).toThrow(
      /row 0 has 1 prompt and 0 completion tokens/,
    )
    expect(() => sequenceBatch([{ prompt: [1], completion: [1, 2] }], 2)).toThrow(
      /row 0 has 3 tokens, more than the 2/,
    )
  })
})

test('every epoch visits every row once, and a step can be replayed', () => {
  const steps = Array.from({ length: 5 }, (_, step) => batchIndices(10, { batch: 4, step, seed: 3 }))
  const visited = steps.flat()
  expect(visited.slice(0, 10).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(visited.slice(10, 20).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(batchIndices(10, { batch: 4, step: 3, seed: 3 })).toEqual(steps[3])
})

test('the score lands on the last completion token, the KL penalty on every one', () => {
  const sequences = [{ prompt: [1], completion: [2, 3] }]
  const batch = sequenceBatch(sequences, 4)
  const {
    experience: made,
    kl,
    penalties,
  } = experience(
    {
      sequences,
      completions: [],
      batch,
      logp: Float32Array.of(-1, -2, 0, 0),
      referenceLogp: Float32Array.of(-1.5, -1, 0, 0),
      values: new Float32Array(4),
      scores: [10],
    },
    { klCoefficient: 0.1, gamma: 1, lambda: 1, whitenRewards: false },
  )
  // rewards: −0.1·0.5, then −0.1·(−1) + 10
  expect([...made.returns.data].map((r) => Math.round(r * 1e4) / 1e4)).toEqual([10.05, 10.1, 0, 0])
  expect(kl[0]).toBeCloseTo(-0.5, 6)
  expect(penalties[0]).toBeCloseTo(0.05, 6)
})
