import { randomKey } from '@attune/grad'

/** Rows of step `step` (from 0): every epoch is a new permutation of the data, keyed by seed and epoch. */
export function batchIndices(
  size: number,
  { batch, step, seed }: { batch: number; step: number; seed: number },
): number[] {
  if (size === 0) throw new RangeError('there are no rows to train on')
  const permutations = new Map<number, Int32Array>()
  return Array.from({ length: batch }, (_, i) => {
    const position = step * batch + i
    const epoch = Math.floor(position / size)
    const order = permutations.get(epoch) ?? randomKey(seed, 'epoch', epoch).permutation(size)
    permutations.set(epoch, order)
    return order[position % size]!
  })
}
