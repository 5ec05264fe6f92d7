import { intArray, ndarray } from '@attune/grad'
import { packByLength } from '@attune/lm'
import { chunksOf } from './chunks.ts'
import { checkParts, learntPositions, lengthOf, type Sequence, type SequenceBatch } from './sequences.ts'

/**
 * Sequences packed into rows of `time` tokens, best fit decreasing, at most `size` rows a batch. A token sees its own sequence
 * alone and counts positions from its start, so losses and gradients are those of padded rows. Throws when one is longer.
 */
export function packedBatches(
  sequences: readonly Sequence[],
  { time, size }: { time: number; size: number },
): SequenceBatch[] {
  sequences.forEach(checkParts)
  const rows = packByLength(sequences.map(lengthOf), time)
  return chunksOf(rows, size).map((part) =>
    packedBatch(
      part.map((row) => row.map((index) => sequences[index]!)),
      time,
    ),
  )
}

function packedBatch(rows: readonly (readonly Sequence[])[], time: number): SequenceBatch {
  const shape = [rows.length, time]
  const [tokens, targets, positions, segments] = Array.from(
    { length: 4 },
    () => new Int32Array(rows.length * time),
  )
  const mask = new Float32Array(rows.length * time)
  for (const [row, packed] of rows.entries()) {
    let start = row * time
    for (const [segment, { prompt, completion }] of packed.entries()) {
      const ids = [...prompt, ...completion]
      const end = start + ids.length
      tokens!.set(ids, start)
      targets!.set(ids.slice(1), start)
      mask.fill(1, start + prompt.length - 1, end - 1)
      positions!.set(Int32Array.from(ids.keys()), start)
      segments!.fill(segment + 1, start, end)
      start = end
    }
  }
  return {
    tokens: intArray(tokens!, shape),
    targets: intArray(targets!, shape),
    mask: ndarray(mask, shape),
    learnt: learntPositions(mask),
    positions: intArray(positions!, shape),
    segments: intArray(segments!, shape),
  }
}
