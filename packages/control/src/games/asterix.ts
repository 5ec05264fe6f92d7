import {
  boardSize,
  clampToBoard,
  type Draws,
  type GridGame,
  isAt,
  markTrail,
  type Traveller,
  travel,
} from './grid-game.ts'

interface Thing extends Traveller {
  readonly gold: boolean
}

interface Asterix {
  readonly player: { column: number; row: number }
  /** At most one thing in each of eight rows. */
  readonly lanes: (Thing | null)[]
  spawnInterval: number
  spawnWait: number
  moveInterval: number
  moveWait: number
  rampWait: number
  ramps: number
}

const rampInterval = 100

/** Asterix: a point for every treasure; an enemy ends the game. Both come faster with time. */
export const asterix: GridGame<Asterix> = {
  id: 'Asterix',
  channels: ['player', 'enemy', 'trail', 'gold'],
  moves: ['none', 'left', 'up', 'right', 'down'],
  start: () => ({
    player: { column: 5, row: 5 },
    lanes: Array.from({ length: 8 }, () => null),
    spawnInterval: 10,
    spawnWait: 10,
    moveInterval: 5,
    moveWait: 5,
    rampWait: rampInterval,
    ramps: 0,
  }),
  act: (state, move, draws) => {
    const { player } = state
    if (state.spawnWait === 0) {
      spawn(state, draws)
      state.spawnWait = state.spawnInterval
    }
    if (move === 'left') player.column = clampToBoard(player.column - 1)
    if (move === 'right') player.column = clampToBoard(player.column + 1)
    if (move === 'up') player.row = clampToBoard(player.row - 1, 1, 8)
    if (move === 'down') player.row = clampToBoard(player.row + 1, 1, 8)
    const met = meet(state)
    const metMoving = state.moveWait === 0 ? moveThings(state) : { reward: 0, over: false }
    state.spawnWait--
    state.moveWait--
    ramp(state)
    return { reward: met.reward + metMoving.reward, over: met.over || metMoving.over }
  },
  paint: ({ player, lanes }, mark) => {
    mark(0, player.row, player.column)
    for (const thing of lanes) {
      if (!thing) continue
      mark(thing.gold ? 3 : 1, thing.row, thing.column)
      markTrail(thing, mark, 2)
    }
  },
}

/** Treasure where the player stands is taken; an enemy there ends the game. */
function meet({ lanes, player }: Asterix): { reward: number; over: boolean } {
  let reward = 0
  let over = false
  for (const [lane, thing] of lanes.entries()) {
    if (!thing || !isAt(thing, player)) continue
    if (thing.gold) {
      lanes[lane] = null
      reward++
    } else over = true
  }
  return { reward, over }
}

function moveThings(state: Asterix): { reward: number; over: boolean } {
  state.moveWait = state.moveInterval
  for (const [lane, thing] of state.lanes.entries()) {
    if (thing && !travel(thing)) state.lanes[lane] = null
  }
  return meet(state)
}

/** A new thing in an empty row; when all rows are full, none. */
function spawn({ lanes }: Asterix, draws: Draws): void {
  const right = draws.uniform() < 1 / 2
  const gold = draws.uniform() < 1 / 3
  const empty = lanes.flatMap((thing, lane) => (thing ? [] : [lane]))
  if (empty.length === 0) return
  const lane = empty[draws.int(empty.length)]!
  lanes[lane] = { column: right ? 0 : boardSize - 1, row: lane + 1, right, gold }
}

/** Every hundred frames things come sooner, and every second time they move sooner. */
function ramp(state: Asterix): void {
  if (state.spawnInterval === 1 && state.moveInterval === 1) return
  if (state.rampWait >= 0) {
    state.rampWait--
    return
  }
  if (state.moveInterval > 1 && state.ramps % 2 === 1) state.moveInterval--
  if (state.spawnInterval > 1) state.spawnInterval--
  state.ramps++
  state.rampWait = rampInterval
}
