import { intArray, type NdArray, ndarray } from '@attune/grad'

/** A prompt with a completion, as token ids; tokenised once, never again. */
export interface Sequence {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
  /** How much each token of the completion counts in sums of log-probabilities; 1 without it. */
  readonly tokenWeights?: readonly number[] | undefined
}

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
    learnt: learntPositions(mask),
  }
}

/** Throws when a row has no token to predict from, or none to learn. */
export function checkParts({ prompt, completion }: Sequence, row: number): void {
  if (prompt.length > 0 && completion.length > 0) return
  throw new RangeError(
    `row ${row} has ${prompt.length} prompt and ${completion.length} completion tokens: both need one`,
  )
}

/** Positions of what is not zero, their number rounded up to a quarter of the mask's, so that few programs are compiled. */
export function learntPositions(mask: Float32Array): NdArray | undefined {
  const positions = Array.from(mask.keys()).filter((i) => mask[i] !== 0)
  const quarter = Math.ceil(mask.length / 4)
  const count = Math.ceil(positions.length / quarter) * quarter
  if (count > 3 * quarter) return undefined
  const filled = new Int32Array(count).fill(mask.length)
  filled.set(positions)
  return intArray(filled, [count])
}

/** Tokens of a prompt with its completion. */
export function lengthOf({ prompt, completion }: Sequence): number {
  return prompt.length + completion.length
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
