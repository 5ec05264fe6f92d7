/** One line of the table; a ratio above 1 means that we are better than the peer, or than the limit where there is none. */
export interface Row {
  readonly name: string
  readonly ours: number
  readonly peer: number | null
  readonly unit: string
  readonly ratio: number | null
  /** What is promised, or what the machine allows. */
  readonly limit: string
}

/** What a row says besides its numbers. */
export type Heading = Pick<Row, 'name' | 'unit' | 'limit'>

interface Pair {
  readonly ours: number
  readonly peer: number | null
}

/** A row of which more is better. */
export function higher(heading: Heading, { ours, peer }: Pair): Row {
  return { ...heading, ours, peer, ratio: peer === null ? null : ours / peer }
}

/** A row of which less is better. */
export function lower(heading: Heading, { ours, peer }: Pair): Row {
  return { ...heading, ours, peer, ratio: peer === null ? null : peer / ours }
}
