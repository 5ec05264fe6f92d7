import { boardSize, clampToBoard, type GridGame } from './grid-game.ts'

interface Breakout {
  paddle: number
  readonly ball: { column: number; row: number; across: number; down: number }
  trail: { column: number; row: number }
  readonly bricks: Uint8Array
  /** The ball has broken a brick and has not yet left the wall: it breaks no second one. */
  struck: boolean
}

const bottom = boardSize - 1

/** Breakout: a point for every brick; the game ends when the ball passes the paddle. */
export const breakout: GridGame<Breakout> = {
  id: 'Breakout',
  channels: ['paddle', 'ball', 'trail', 'brick'],
  moves: ['none', 'left', 'right'],
  start: (draws) => {
    const ball =
      draws.int(2) === 0
        ? { column: 0, row: 3, across: 1, down: 1 }
        : { column: bottom, row: 3, across: -1, down: 1 }
    const { column, row } = ball
    return { paddle: 4, ball, trail: { column, row }, bricks: newWall(), struck: false }
  },
  act: (state, move) => {
    if (move === 'left') state.paddle = clampToBoard(state.paddle - 1)
    if (move === 'right') state.paddle = clampToBoard(state.paddle + 1)
    return moveBall(state)
  },
  paint: ({ paddle, ball, trail, bricks }, mark) => {
    mark(0, bottom, paddle)
    mark(1, ball.row, ball.column)
    mark(2, trail.row, trail.column)
    for (const [cell, brick] of bricks.entries())
      if (brick) mark(3, Math.floor(cell / boardSize), cell % boardSize)
  },
}

/** Walls turn the ball sideways, the ceiling and bricks up and down, the paddle's edge both. */
function moveBall(state: Breakout): { reward: number; over: boolean } {
  const { ball, bricks, paddle } = state
  const from = { column: ball.column, row: ball.row }
  state.trail = from
  const aimed = from.column + ball.across
  const column = clampToBoard(aimed)
  if (column !== aimed) ball.across = -ball.across
  let row = from.row + ball.down
  let reward = 0
  let over = false
  let touchesBrick = false
  const turnBack = () => {
    ball.down = -ball.down
    row = from.row
  }
  if (row < 0) {
    ball.down = -ball.down
    row = 0
  } else if (bricks[row * boardSize + column]) {
    touchesBrick = true
    if (!state.struck) {
      reward = 1
      state.struck = true
      bricks[row * boardSize + column] = 0
      turnBack()
    }
  } else if (row === bottom) {
    if (!bricks.includes(1)) bricks.set(newWall())
    if (from.column === paddle) turnBack()
    else if (column === paddle) {
      ball.across = -ball.across
      turnBack()
    } else over = true
  }
  if (!touchesBrick) state.struck = false
  ball.column = column
  ball.row = row
  return { reward, over }
}

/** Bricks in rows 1 to 3. */
function newWall(): Uint8Array {
  return new Uint8Array(boardSize * boardSize).fill(1, boardSize, 4 * boardSize)
}
