import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { splitHeldOut } from './held-out.ts'

const rowsOf = (prompts: readonly number[]) => prompts.map((token, id) => ({ prompt: [token], id }))

test('no prompt is on both sides, no row is lost, and at most the share is held out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (prompts, share, seed) => {
        const rows = rowsOf(prompts)
        const { training, heldOut } = splitHeldOut(rows, { share, seed })
        const learnt = new Set(training.map(({ prompt }) => prompt[0]))
        expect(heldOut.filter(({ prompt }) => learnt.has(prompt[0]))).toEqual([])
        expect([...training, ...heldOut].map(({ id }) => id).sort((a, b) => a - b)).toEqual(
          rows.map(({ id }) => id),
        )
        expect(heldOut.length).toBeLessThanOrEqual(Math.round(rows.length * share))
      },
    ),
  )
})

test('prompts of one row each are held out to the row', () => {
  const { training, heldOut } = splitHeldOut(rowsOf([...Array(50).keys()]), { share: 0.1, seed: 3 })
  expect([heldOut.length, training.length]).toEqual([5, 45])
})

test('says so when the only prompt has more rows than are to be held out', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(splitHeldOut(rowsOf([7, 7, 7, 7]), { share: 0.5, seed: 0 }).heldOut).toEqual([])
  expect(write).toHaveBeenCalledWith(expect.stringContaining('nothing is held out: 2 rows were to be'))
  write.mockRestore()
})
