import { boardSize, clampToBoard, type GridGame } from './grid-game.ts'

interface SpaceInvaders {
  cannon: number
  /** Boards of 0 and 1, row-major. */
  aliens: Uint8Array
  shots: Uint8Array
  bombs: Uint8Array
  direction: 1 | -1
  /** Frames between moves of a full swarm; shorter with every swarm. */
  swarmInterval: number
  moveWait: number
  bombWait: number
  reloadWait: number
}

const last = boardSize - 1
const reloadInterval = 5
const bombInterval = 10
const shortestSwarmInterval = 6

/** Space Invaders: a point for every alien shot; an alien or a bomb on the cannon ends the game. */
export const spaceInvaders: GridGame<SpaceInvaders> = {
  id: 'SpaceInvaders',
  channels: ['cannon', 'alien', 'alien to the left', 'alien to the right', 'shot', 'bomb'],
  moves: ['none', 'left', 'right', 'fire'],
  start: () => ({
    cannon: 5,
    aliens: newSwarm(),
    shots: emptyBoard(),
    bombs: emptyBoard(),
    direction: -1,
    swarmInterval: 12,
    moveWait: 12,
    bombWait: bombInterval,
    reloadWait: 0,
  }),
  act: (state, move) => {
    if (move === 'fire' && state.reloadWait === 0) {
      state.shots[last * boardSize + state.cannon] = 1
      state.reloadWait = reloadInterval
    }
    if (move === 'left') state.cannon = clampToBoard(state.cannon - 1)
    if (move === 'right') state.cannon = clampToBoard(state.cannon + 1)
    state.shots = shifted(state.shots, -1)
    state.shots.fill(0, last * boardSize)
    state.bombs = shifted(state.bombs, 1)
    state.bombs.fill(0, 0, boardSize)
    const cannonCell = last * boardSize + state.cannon
    const hit = state.bombs[cannonCell] === 1 || state.aliens[cannonCell] === 1
    const landed = state.moveWait === 0 && moveSwarm(state)
    if (state.bombWait === 0) dropBomb(state)
    const reward = resolveShots(state)
    if (state.reloadWait > 0) state.reloadWait--
    state.moveWait--
    state.bombWait--
    if (!state.aliens.includes(1)) {
      if (state.swarmInterval > shortestSwarmInterval) state.swarmInterval--
      state.aliens = newSwarm()
    }
    return { reward, over: hit || landed }
  },
  paint: ({ cannon, aliens, shots, bombs, direction }, mark) => {
    mark(0, last, cannon)
    const paintBoard = (board: Uint8Array, channel: number) => {
      for (const [cell, set] of board.entries())
        if (set) mark(channel, Math.floor(cell / boardSize), cell % boardSize)
    }
    paintBoard(aliens, 1)
    paintBoard(aliens, direction < 0 ? 2 : 3)
    paintBoard(shots, 4)
    paintBoard(bombs, 5)
  },
}

/** Sideways, or down and turned round at an edge; true when the swarm has reached the ground or the cannon. */
function moveSwarm(state: SpaceInvaders): boolean {
  const { aliens } = state
  state.moveWait = Math.min(count(aliens), state.swarmInterval)
  const edge = state.direction < 0 ? 0 : last
  let landed = false
  if (indices().some((row) => aliens[row * boardSize + edge])) {
    state.direction = state.direction < 0 ? 1 : -1
    landed = aliens.subarray(last * boardSize).includes(1)
    state.aliens = shifted(aliens, 1)
  } else {
    state.aliens = aliens.map((_, cell) => aliens[cell - state.direction] ?? 0)
  }
  return landed || state.aliens[last * boardSize + state.cannon] === 1
}

/** The lowest alien of the column nearest to the cannon (the left one of two) drops a bomb. */
function dropBomb(state: SpaceInvaders): void {
  state.bombWait = bombInterval
  const byDistance = indices().sort((a, b) => Math.abs(a - state.cannon) - Math.abs(b - state.cannon))
  for (const column of byDistance) {
    const row = indices().findLast((row) => state.aliens[row * boardSize + column])
    if (row === undefined) continue
    state.bombs[row * boardSize + column] = 1
    return
  }
}

function resolveShots({ aliens, shots }: SpaceInvaders): number {
  let kills = 0
  for (const [cell, alien] of aliens.entries()) {
    if (!alien || !shots[cell]) continue
    aliens[cell] = 0
    shots[cell] = 0
    kills++
  }
  return kills
}

/** Aliens in rows 0 to 3, columns 2 to 7. */
function newSwarm(): Uint8Array {
  return emptyBoard().map((_, cell) => {
    const column = cell % boardSize
    return cell < 4 * boardSize && column >= 2 && column < 8 ? 1 : 0
  })
}

/** The board moved down by some rows, those that leave coming back on the other side. */
function shifted(board: Uint8Array, down: number): Uint8Array {
  const size = board.length
  return board.map((_, cell) => board[(cell - down * boardSize + size) % size]!)
}

function count(board: Uint8Array): number {
  return board.reduce((total, cell) => total + cell, 0)
}

function indices(): number[] {
  return Array.from({ length: boardSize }, (_, i) => i)
}

function emptyBoard(): Uint8Array {
  return new Uint8Array(boardSize * boardSize)
}
