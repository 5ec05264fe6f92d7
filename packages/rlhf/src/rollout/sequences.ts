import { intArray, type NdArray, ndarray } from '@attune/grad'
import { lengthOf, type Sequence } from './sequence.ts'
import { coarse, type SharedPrompts, sharedPrompts } from './shared-prompts.ts'

export { lengthOf, type Sequence }

/** Sequences as arrays [B, T]: contiguous from position 0, padded on the right. Index t predicts token t + 1. */
export interface SequenceBatch {
  readonly tokens: NdArray
  /** The next token, 0 where there is none. */
  readonly targets: NdArray
  /** 1 where the next token belongs to the completion, or that token's weight. */
  readonly mask: NdArray
  /** Where the mask is not 0, as row·T + position, filled up with B·T: int32 [N]; absent when that is most of the batch. */
  readonly learnt?: NdArray | undefined
  /** Of packed rows: a token's position in its own sequence, and which of the row's sequences that is; int32 [B, T]. */
  readonly positions?: NdArray
  readonly segments?: NdArray
  /** What the trunk reads in place of `tokens` where completions share prompts; then `learnt` is there too. */
  readonly shared?: SharedBatch | undefined
}

/** Shared prompts, and where the states of the `learnt` positions lie among theirs, as row·S + place: int32 [N]. */
export interface SharedBatch extends SharedPrompts {
  readonly read: NdArray
}

/** Lengths are rounded up to a multiple of this, so that few programs are compiled. */
const bucket = 16

/** Pads sequences to one length (the longest, rounded up, or `time`). Throws when a row is longer or has nothing to learn. */
export function sequenceBatch(rows: readonly Sequence[], time = paddedLength(rows)): SequenceBatch {
  const shape = [rows.length, time]
  const tokens = new Int32Array(rows.length * time)
  const targets = new Int32Array(tokens.length)
  const mask = new Float32Array(tokens.length)
  rows.forEach(({ prompt, completion, tokenWeights }, row) => {
    const ids = [...prompt, ...completion]
    if (ids.length > time)
      throw new RangeError(`row ${row} has ${ids.length} tokens, more than the ${time} that fit`)
    checkParts({ prompt, completion }, row)
    tokens.set(ids, row * time)
    targets.set(ids.slice(1), row * time)
    const first = row * time + prompt.length - 1
    if (tokenWeights) mask.set(tokenWeights, first)
    else mask.fill(1, first, first + completion.length)
  })
  return {
    tokens: intArray(tokens, shape),
    targets: intArray(targets, shape),
    mask: ndarray(mask, shape),
    ...(sharedBatch(rows, time) ?? { learnt: learntPositions(mask) }),
  }
}

/** Throws when a row has no token to predict from, or none to learn. */
export function checkParts({ prompt, completion }: Sequence, row: number): void {
  if (prompt.length > 0 && completion.length > 0) return
  throw new RangeError(
    `row ${row} has ${prompt.length} prompt and ${completion.length} completion tokens: both need one`,
  )
}

/** The layout of prompts that several rows share (by reference), where it saves something. */
function sharedBatch(
  rows: readonly Sequence[],
  time: number,
): Required<Pick<SequenceBatch, 'learnt' | 'shared'>> | undefined {
  const layout = sharedPrompts(rows, { time })
  if (!layout) return undefined
  const learnt = rows.flatMap(({ prompt, completion }, row) =>
    completion.map((_, i) => row * time + prompt.length - 1 + i),
  )
  const read = rows.flatMap(({ completion }, row) => completion.map((_, i) => layout.stateOf(row, i)))
  const filled = (numbers: readonly number[], filler: number) => {
    const count = coarse(numbers.length)
    return intArray(
      Int32Array.from({ length: count }, (_, i) => numbers[i] ?? filler),
      [count],
    )
  }
  return { learnt: filled(learnt, rows.length * time), shared: { ...layout.shared, read: filled(read, 0) } }
}

/** Positions of what is not zero, their number rounded up (at most to a quarter of the mask's), so that few programs are compiled. */
export function learntPositions(mask: Float32Array): NdArray | undefined {
  const positions = Array.from(mask.keys()).filter((i) => mask[i] !== 0)
  const quarter = Math.ceil(mask.length / 4)
  const count = Math.min(coarse(positions.length), Math.ceil(positions.length / quarter) * quarter)
  if (count > 3 * quarter) return undefined
  const filled = new Int32Array(count).fill(mask.length)
  filled.set(positions)
  return intArray(filled, [count])
}

/** Length to which `sequenceBatch` pads these rows. */
export function paddedLength(rows: readonly Sequence[]): number {
  const longest = rows.reduce((length, row) => Math.max(length, lengthOf(row)), 0)
  return Math.ceil(longest / bucket) * bucket
}

/** Index (row·T + position) of every row's last token: int32 [B]. */
export function lastPositions(rows: readonly Sequence[], time: number): NdArray {
  return intArray(
    rows.map(({ prompt, completion }, row) => row * time + prompt.length + completion.length - 1),
    [rows.length],
  )
}

/** What a trunk reads of these rows, prompts that they share once, and where each row's last token lies in it: int32 [B]. */
export function lastStates(rows: readonly Sequence[]): {
  readonly text: { readonly tokens: NdArray } | SharedPrompts
  readonly last: NdArray
} {
  const time = paddedLength(rows)
  const layout = sharedPrompts(rows, { time })
  if (!layout) return { text: { tokens: sequenceBatch(rows, time).tokens }, last: lastPositions(rows, time) }
  const last = rows.map(({ completion }, row) => layout.stateOf(row, completion.length))
  return { text: layout.shared, last: intArray(last, [rows.length]) }
}
