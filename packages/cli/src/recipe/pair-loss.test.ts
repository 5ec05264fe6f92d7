import { ndarray, type Tensor, value } from '@attune/grad'
import { completionLoss, cpo, orpo, type PairLoss } from '@attune/rlhf'
import { expect, test } from 'vitest'
import { pairLossOf, pairLossSchema } from './pair-loss.ts'

const numbers = (logp: number) => ({
  logp: ndarray([logp], [1]),
  reference: ndarray([0], [1]),
  length: ndarray([4], [1]),
})

async function lossOf(loss: PairLoss): Promise<number> {
  const program = value<[ReturnType<typeof numbers>, ReturnType<typeof numbers>], Tensor>(loss)
  return (await program(numbers(-6), numbers(-5))).data[0]!
}

test.each([
  ['cpo', cpo({ beta: 0.1 })],
  ['orpo', orpo({ beta: 0.1 })],
])('%s has the cross-entropy of its paper unless another weight is given', async (kind, comparing) => {
  const fields = pairLossSchema.parse({ kind })
  const [compared, completion] = [await lossOf(comparing), await lossOf(completionLoss)]
  expect(await lossOf(pairLossOf(fields))).toBeCloseTo(compared + completion, 5)
  expect(await lossOf(pairLossOf(fields, 0))).toBeCloseTo(compared, 5)
  const simpo = pairLossSchema.parse({ kind: 'simpo' })
  expect(await lossOf(pairLossOf(simpo))).toBeCloseTo(await lossOf(pairLossOf(simpo, 0)), 5)
})
