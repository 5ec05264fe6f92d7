import { type FloatArray, type NdArray, ndarray } from '@attune/grad'
import type { Completion } from '@attune/lm'
import { paddedLength, type Sequence, type SequenceBatch, sequenceBatch } from './sequences.ts'
import { chunksByPrompt } from './shared-prompts.ts'

/** What a program says of every position [B, T], computed for parts of similar length. */
export async function positionsByLength(
  sequences: readonly Sequence[],
  size: number,
  program: (rows: SequenceBatch) => Promise<NdArray>,
): Promise<Float32Array> {
  const time = paddedLength(sequences)
  const all = new Float32Array(sequences.length * time)
  const rows = Array.from(sequences.keys())
  for (const part of chunksByPrompt(rows, { size, sequence: (row) => sequences[row]! })) {
    const { data, shape } = await program(sequenceBatch(part.map((row) => sequences[row]!)))
    const width = shape[1]!
    for (const [i, row] of part.entries()) {
      all.set((data as Float32Array).subarray(i * width, (i + 1) * width), row * time)
    }
  }
  return all
}

/** log π of drawn tokens as their sampler computed it, at the positions [B, T] that predict them; 0 elsewhere. */
export function drawnLogProbs(
  sequences: readonly Sequence[],
  completions: readonly Completion[],
): Float32Array {
  const time = paddedLength(sequences)
  const all = new Float32Array(sequences.length * time)
  for (const [row, { logprobs }] of completions.entries())
    all.set(logprobs, row * time + sequences[row]!.prompt.length - 1)
  return all
}

/** The given rows of an array [B, T], cut to their first `time` columns. */
export function rowsOf({ data, shape }: FloatArray, rows: readonly number[], time: number): FloatArray {
  const width = shape[1]!
  const picked = new Float32Array(rows.length * time)
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * width, row * width + time), i * time)
  return ndarray(picked, [rows.length, time])
}
