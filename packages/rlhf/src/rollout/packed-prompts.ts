import { intArray, type NdArray, ndarray } from '@attune/grad'
import { chunksOf } from './chunks.ts'
import { checkParts, type Sequence } from './sequences.ts'
import { firstFit, layOut, promptGroups, type SharedLayout, type SharedPrompts } from './shared-prompts.ts'

/** How completions are packed behind the prompts that they share. */
export interface PackingOptions {
  /** Tokens of a packed row; a prompt whose completions do not fit gets a row of twice, four times … as many. */
  readonly width: number
  /** Packed rows of that width that are computed at one time, or as many tokens in wider ones. */
  readonly size: number
}

/** Some of the sequences, packed for one run of a program. */
export interface PackedPart extends SharedLayout {
  /** Which sequences lie in it: a prompt's are together, in their order. */
  readonly members: readonly number[]
}

/**
 * All sequences in few shapes, whatever their lengths, so that one compiled program serves almost all of them; a prompt that
 * several share (by reference) is there once.
 */
export function packedPrompts(rows: readonly Sequence[], { width, size }: PackingOptions): PackedPart[] {
  rows.forEach(checkParts)
  const bins = firstFit(promptGroups(rows), width)
  return [...new Set(bins.map((bin) => bin.width))].flatMap((wide) => {
    const ofWidth = bins.filter((bin) => bin.width === wide).map(({ groups }) => groups)
    return chunksOf(ofWidth, Math.max(1, Math.floor((size * width) / wide))).map((part) => ({
      ...layOut(part, { rows, width: wide }),
      members: part.flat().flatMap(({ members }) => members),
    }))
  })
}

/** Completion tokens of packed sequences: all [N], filled up with tokens of weight 0. */
export interface PackedTokens {
  readonly shared: SharedPrompts
  /** Where the state lies that predicts the token, as row·S + place. */
  readonly read: NdArray
  readonly targets: NdArray
  readonly tokenWeights: NdArray
  /** Under which number the token is summed. */
  readonly owner: NdArray
  /** What the sums begin with: [count]. */
  readonly sums: NdArray
}

/** The completion tokens of a packed part, added to `sums`: those of a sequence under the number that it is given. */
export function packedTokens(
  rows: readonly Sequence[],
  { members, shared, stateOf }: PackedPart,
  { sums, numberOf }: { sums: Float32Array; numberOf: (row: number) => number },
): PackedTokens {
  const tokens = members.flatMap((row) =>
    rows[row]!.completion.map((target, i) => ({
      read: stateOf(row, i),
      target,
      weight: rows[row]!.tokenWeights?.[i] ?? 1,
      owner: numberOf(row),
    })),
  )
  const quarter = Math.ceil(shared.tokens.data.length / 4)
  const filled = Array.from(
    { length: Math.ceil(tokens.length / quarter) * quarter },
    (_, i) => tokens[i] ?? filler,
  )
  const shape = [filled.length]
  return {
    shared,
    read: intArray(
      filled.map(({ read }) => read),
      shape,
    ),
    targets: intArray(
      filled.map(({ target }) => target),
      shape,
    ),
    tokenWeights: ndarray(
      filled.map(({ weight }) => weight),
      shape,
    ),
    owner: intArray(
      filled.map(({ owner }) => owner),
      shape,
    ),
    sums: ndarray(sums, [sums.length]),
  }
}

/** Numbers of packed sequences come in multiples of this, so that few programs are compiled. */
const sequenceBucket = 64

/** How many numbers hold one of every sequence of a part. */
export function sumsOf({ members }: PackedPart): number {
  return Math.ceil(members.length / sequenceBucket) * sequenceBucket
}

/** What a trunk reads of a packed part, and where each member's last token lies, filled up with the first place: int32 [count]. */
export function lastTokens(
  rows: readonly Sequence[],
  part: PackedPart,
): { readonly text: SharedPrompts; readonly last: NdArray } {
  const count = sumsOf(part)
  const last = new Int32Array(count)
  for (const [i, row] of part.members.entries()) last[i] = part.stateOf(row, rows[row]!.completion.length)
  return { text: part.shared, last: intArray(last, [count]) }
}

/** A number for every sequence, found for packed parts in the order of their members; in the order of the rows. */
export async function scorePacked(
  rows: readonly Sequence[],
  options: PackingOptions,
  score: (part: PackedPart) => Promise<ArrayLike<number>>,
): Promise<number[]> {
  const all = new Array<number>(rows.length)
  for (const part of packedPrompts(rows, options)) {
    const scores = await score(part)
    for (const [i, row] of part.members.entries()) all[row] = scores[i]!
  }
  return all
}

const filler = { read: 0, target: 0, weight: 0, owner: 0 }
