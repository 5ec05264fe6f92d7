import { intArray, type NdArray } from '@attune/grad'
import { lengthOf, type Sequence } from './sequence.ts'

/**
 * Sequences as the trunk reads them where completions share a prompt: the prompt once, each completion behind it and blind to the
 * others; several prompts in a row where they fit. All int32 [R, S].
 */
export interface SharedPrompts {
  readonly tokens: NdArray
  /** Places within a token's own sequence. */
  readonly positions: NdArray
  /** A number for every prompt and every completion; −1 is padding. */
  readonly segments: NdArray
  /** The segment before: a completion's prompt, a prompt itself. A token sees its own segment and this one. */
  readonly parents: NdArray
}

/** How sequences lie in the rows, and where each one's hidden states are. */
export interface SharedLayout {
  readonly shared: SharedPrompts
  /** Index into R·S of the state that predicts completion token `i` of a sequence; `i` = its length is the last token's. */
  readonly stateOf: (sequence: number, i: number) => number
}

/** A prompt with the rows whose completions follow it, and their tokens together. */
export interface PromptGroup {
  readonly prompt: readonly number[]
  readonly members: number[]
  length: number
}

/** Sequences whose prompt is one and the same array, put together. Undefined where that saves less than a tenth. */
export function sharedPrompts(
  rows: readonly Sequence[],
  { time }: { readonly time: number },
): SharedLayout | undefined {
  const sorted = promptGroups(rows)
  if (sorted.length === rows.length) return undefined
  const width = coarse(Math.max(sorted[0]!.length, leastWidth))
  const bins = firstFit(sorted, width).map(({ groups }) => groups)
  return cost(bins.length, width) > 0.9 * cost(rows.length, time) ? undefined : layOut(bins, { rows, width })
}

/** Sequences whose prompt is one and the same array, the longest group first. */
export function promptGroups(rows: readonly Sequence[]): PromptGroup[] {
  const groups = new Map<readonly number[], PromptGroup>()
  for (const [row, { prompt, completion }] of rows.entries()) {
    const group = groups.get(prompt) ?? { prompt, members: [], length: prompt.length }
    group.members.push(row)
    group.length += completion.length
    groups.set(prompt, group)
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)
}

/** Rows shorter than this are not worth a program of their own. */
const leastWidth = 128

/** A token costs as much as its attention over so many others. */
const attentionShare = 1024

function cost(rows: number, time: number): number {
  return rows * time * (attentionShare + time)
}

/** The next of 2ⁿ and 1.5·2ⁿ (at least 16), so that few programs are compiled. */
export function coarse(count: number): number {
  const step = Math.max(16, 2 ** (Math.floor(Math.log2(Math.max(count - 1, 1))) - 1))
  return Math.ceil(count / step) * step
}

/** Groups that lie in one row of so many tokens. */
export interface PromptBin {
  readonly width: number
  readonly groups: PromptGroup[]
}

/** First-fit decreasing: groups in rows of `least` tokens, or of twice, four times … as many where one needs it. */
export function firstFit(sorted: readonly PromptGroup[], least: number): PromptBin[] {
  const bins: (PromptBin & { left: number })[] = []
  for (const group of sorted) {
    const bin = bins.find(({ left }) => left >= group.length)
    if (bin) {
      bin.groups.push(group)
      bin.left -= group.length
    } else {
      const width = least * 2 ** Math.max(0, Math.ceil(Math.log2(group.length / least)))
      bins.push({ width, left: width - group.length, groups: [group] })
    }
  }
  return bins
}

/** Groups side by side in rows of `width` tokens, one row for every bin. */
export function layOut(
  bins: readonly (readonly PromptGroup[])[],
  { rows, width }: { readonly rows: readonly Sequence[]; readonly width: number },
): SharedLayout {
  const size = bins.length * width
  const [tokens, positions] = [new Int32Array(size), new Int32Array(size)]
  const [segments, parents] = [new Int32Array(size).fill(-1), new Int32Array(size).fill(-1)]
  const places = new Array<{ prompt: number; completion: number }>(rows.length)
  let segment = 0
  const put = (ids: readonly number[], at: number, { from, parent }: { from: number; parent: number }) => {
    for (const [i, id] of ids.entries()) {
      tokens[at + i] = id
      positions[at + i] = from + i
      segments[at + i] = segment
      parents[at + i] = parent
    }
    segment++
    return at + ids.length
  }
  for (const [bin, groups] of bins.entries()) {
    let next = bin * width
    for (const { prompt, members } of groups) {
      const parent = segment
      next = put(prompt, next, { from: 0, parent })
      const last = next - 1
      for (const row of members) {
        places[row] = { prompt: last, completion: next }
        next = put(rows[row]!.completion, next, { from: prompt.length, parent })
      }
    }
  }
  const shaped = (data: Int32Array) => intArray(data, [bins.length, width])
  return {
    shared: {
      tokens: shaped(tokens),
      positions: shaped(positions),
      segments: shaped(segments),
      parents: shaped(parents),
    },
    stateOf: (sequence, i) => {
      const { prompt, completion } = places[sequence]!
      return i === 0 ? prompt : completion + i - 1
    },
  }
}

/** Rows of a batch in parts that keep a prompt's completions together, from the shortest to the longest. */
export function chunksByPrompt<T>(
  items: readonly T[],
  { size, sequence }: { readonly size: number; readonly sequence: (item: T) => Sequence },
): T[][] {
  const groups = new Map<readonly number[], T[]>()
  for (const item of items) {
    const { prompt } = sequence(item)
    const group = groups.get(prompt)
    if (group) group.push(item)
    else groups.set(prompt, [item])
  }
  const longest = (group: readonly T[]) => Math.max(...group.map((item) => lengthOf(sequence(item))))
  const sorted = [...groups.values()].sort((a, b) => longest(a) - longest(b)).flat()
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, i) =>
    sorted.slice(i * size, (i + 1) * size),
  )
}

/** A number for every row, found for parts of similar length that keep a prompt's completions together; in the order of the rows. */
export async function scoreByPrompt<T extends Sequence>(
  rows: readonly T[],
  size: number,
  score: (part: readonly T[]) => Promise<ArrayLike<number>>,
): Promise<number[]> {
  const all = new Array<number>(rows.length)
  const indices = Array.from(rows.keys())
  for (const part of chunksByPrompt(indices, { size, sequence: (index) => rows[index]! })) {
    const scores = await score(part.map((index) => rows[index]!))
    for (const [i, index] of part.entries()) all[index] = scores[i]!
  }
  return all
}
