import { box } from '../envs/space.ts'
import { boardPicture, type Cell, channelColours } from './board-picture.ts'
import type { Game } from './game.ts'
import type { Draws } from './grid-game.ts'

/** Columns and rows of the well. */
export const well = { columns: 10, rows: 20 } as const

interface Tetris {
  board: Uint8Array
  piece: number
  /** Where the piece before was put, while no row fell: for the picture alone. */
  last: { readonly piece: number; readonly cells: ReadonlySet<number> }
}

/** The seven pieces of four squares, as [row, column]. */
const pieces: readonly (readonly (readonly [number, number])[])[] = [
  squares('####'),
  squares('##/##'),
  squares('###/.#.'),
  squares('.##/##.'),
  squares('##./.##'),
  squares('###/#..'),
  squares('###/..#'),
]

const nothing: Tetris['last'] = { piece: 0, cells: new Set() }

/** Number of placements: four quarter turns times ten columns. */
export const placements = 4 * well.columns

/**
 * Tetris by placements: action 10·turns + column drops the piece, turned and with its left side there (as far left as it must
 * be to fit). A point for every full row; the game ends when a piece does not fit below the top. The observation is the well
 * and the piece, one-hot.
 */
export const tetris: Game<Tetris> = {
  id: 'Tetris',
  observationSpace: box([well.rows * well.columns + pieces.length], 0, 1),
  actions: placements,
  start: (draws) => ({
    board: new Uint8Array(well.rows * well.columns),
    piece: newPiece(draws),
    last: nothing,
  }),
  act: (state, action, draws) => {
    const { board, cleared, over } = place(state, action)
    const cells = [...board.keys()].filter((i) => board[i] && !state.board[i])
    state.last = cleared > 0 ? nothing : { piece: state.piece, cells: new Set(cells) }
    state.board = board
    state.piece = newPiece(draws)
    return { reward: cleared, over }
  },
  observe: ({ board, piece }) => {
    const observation = new Float32Array(board.length + pieces.length)
    observation.set(board)
    observation[board.length + piece] = 1
    return observation
  },
  draw: ({ board, piece, last }) => {
    const cells: Cell[] = []
    for (const [i, filled] of board.entries()) {
      const fill = last.cells.has(i) ? channelColours[last.piece]! : '#555555'
      if (filled) cells.push({ row: 4 + row(i), column: i % well.columns, fill })
    }
    for (const [down, right] of pieces[piece]!)
      cells.push({ row: 1 + down, column: 3 + right, fill: channelColours[piece]! })
    return boardPicture({ rows: well.rows + 4, columns: well.columns }, cells)
  },
}

/**
 * Features of the well after a placement (Bertsekas and Ioffe 1996): column heights, differences of neighbours, the greatest
 * height, holes, and 1; and whether the game ends. All are scaled to about 1.
 */
export function tetrisFeatures(observation: Float32Array, action: number): Float32Array {
  const size = well.rows * well.columns
  const piece = observation.subarray(size).indexOf(1)
  const { board, over, cleared } = place(
    { board: Uint8Array.from(observation.subarray(0, size)), piece },
    action,
  )
  const heights = Array.from({ length: well.columns }, (_, column) => heightOf(board, column))
  const differences = heights.slice(1).map((height, i) => Math.abs(height - heights[i]!))
  const holes = heights.reduce((total, height, column) => total + height - filledIn(board, column), 0)
  return Float32Array.from([
    ...heights.map((height) => height / well.rows),
    ...differences.map((difference) => difference / well.rows),
    Math.max(...heights) / well.rows,
    holes / well.rows,
    cleared / 4,
    Number(over),
    1,
  ])
}

/** Length of `tetrisFeatures`. */
export const tetrisFeatureCount = 2 * well.columns + 4

/** The well after dropping the piece. */
function place(
  { board, piece }: Pick<Tetris, 'board' | 'piece'>,
  action: number,
): { board: Uint8Array; cleared: number; over: boolean } {
  const shape = turned(pieces[piece]!, Math.floor(action / well.columns))
  const width = 1 + Math.max(...shape.map(([, right]) => right))
  const left = Math.min(action % well.columns, well.columns - width)
  const fits = (top: number) =>
    shape.every(([down, right]) => {
      const bottom = top + down
      return bottom < well.rows && (bottom < 0 || board[bottom * well.columns + left + right] === 0)
    })
  let top = -4
  while (fits(top + 1)) top++
  if (shape.some(([down]) => top + down < 0)) return { board, cleared: 0, over: true }
  const placed = board.slice()
  for (const [down, right] of shape) placed[(top + down) * well.columns + left + right] = 1
  return { ...clearRows(placed), over: false }
}

function clearRows(board: Uint8Array): { board: Uint8Array; cleared: number } {
  const kept = Array.from({ length: well.rows }, (_, row) =>
    board.subarray(row * well.columns, (row + 1) * well.columns),
  ).filter((cells) => cells.includes(0))
  const cleared = well.rows - kept.length
  const next = new Uint8Array(board.length)
  for (const [i, cells] of kept.entries()) next.set(cells, (cleared + i) * well.columns)
  return { board: next, cleared }
}

function heightOf(board: Uint8Array, column: number): number {
  for (let row = 0; row < well.rows; row++) if (board[row * well.columns + column]) return well.rows - row
  return 0
}

function filledIn(board: Uint8Array, column: number): number {
  let filled = 0
  for (let row = 0; row < well.rows; row++) filled += board[row * well.columns + column]!
  return filled
}

/** A shape after quarter turns clockwise, moved back to row 0 and column 0. */
function turned(shape: readonly (readonly [number, number])[], turns: number): [number, number][] {
  let cells = shape.map(([down, right]): [number, number] => [down, right])
  for (let turn = 0; turn < turns; turn++) {
    const height = Math.max(...cells.map(([down]) => down))
    cells = cells.map(([down, right]) => [right, height - down])
  }
  return cells
}

function squares(picture: string): [number, number][] {
  return picture
    .split('/')
    .flatMap((line, down) =>
      [...line].flatMap((mark, right): [number, number][] => (mark === '#' ? [[down, right]] : [])),
    )
}

function newPiece(draws: Draws): number {
  return draws.int(pieces.length)
}

function row(cell: number): number {
  return Math.floor(cell / well.columns)
}
