import type { Random } from '@attune/grad'

/** The draws that a game makes, in its own order; a test can replay recorded ones. */
export type Draws = Pick<Random, 'uniform' | 'int'>

/** What a player can do in a game on the 10 × 10 board. */
export type Move = 'none' | 'left' | 'up' | 'right' | 'down' | 'fire'

/** Side of the board of every MinAtar game. */
export const boardSize = 10

/** Marks one cell of one channel of the picture that the player sees. */
export type Mark = (channel: number, row: number, column: number) => void

/**
 * Rules of a game on a 10 × 10 board after MinAtar (Young and Tian 2019). The state is changed in place; the picture is
 * one board of bits per channel.
 */
export interface GridGame<State> {
  readonly id: string
  /** Names of the picture's channels. */
  readonly channels: readonly string[]
  /** The moves that do something here, with 'none' first. */
  readonly moves: readonly Move[]
  readonly start: (draws: Draws) => State
  /** One frame: the reward, and whether the game is over. */
  readonly act: (state: State, move: Move, draws: Draws) => { reward: number; over: boolean }
  readonly paint: (state: State, mark: Mark) => void
}

/** Something that travels along its row. */
export interface Traveller {
  column: number
  readonly row: number
  readonly right: boolean
}

/** Moves a traveller by a cell; false when it has left the board. */
export function travel(traveller: Traveller): boolean {
  traveller.column += traveller.right ? 1 : -1
  return onBoard(traveller.column)
}

/** Whether a traveller is on a cell. */
export function isAt({ column, row }: Traveller, place: { column: number; row: number }): boolean {
  return column === place.column && row === place.row
}

/** Marks the cell that a traveller comes from, when it is on the board. */
export function markTrail({ column, row, right }: Traveller, mark: Mark, channel: number): void {
  const behind = column + (right ? -1 : 1)
  if (onBoard(behind)) mark(channel, row, behind)
}

/** A column or row kept on the board. */
export function clampToBoard(position: number, low = 0, high = boardSize - 1): number {
  return Math.min(Math.max(position, low), high)
}

function onBoard(column: number): boolean {
  return column >= 0 && column < boardSize
}
