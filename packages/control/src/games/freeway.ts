import { boardSize, clampToBoard, type Draws, type GridGame } from './grid-game.ts'

interface Car {
  column: number
  readonly row: number
  wait: number
  /** Frames between moves, 1 to 5; negative to the left. */
  pace: number
}

interface Freeway {
  readonly cars: Car[]
  row: number
  wait: number
  framesLeft: number
}

const chickenColumn = 4
const start = boardSize - 1
const chickenPace = 3
const frames = 2500

/** Freeway: a point for every crossing of eight lanes; a car sends the chicken back, and time is limited. */
export const freeway: GridGame<Freeway> = {
  id: 'Freeway',
  channels: ['chicken', 'car', 'speed 1', 'speed 2', 'speed 3', 'speed 4', 'speed 5'],
  moves: ['none', 'up', 'down'],
  start: (draws) => ({
    cars: paces(draws).map((pace, lane) => ({ column: 0, row: lane + 1, wait: Math.abs(pace), pace })),
    row: start,
    wait: chickenPace,
    framesLeft: frames,
  }),
  act: (state, move, draws) => {
    if (state.wait === 0 && (move === 'up' || move === 'down')) {
      state.wait = chickenPace
      state.row = clampToBoard(state.row + (move === 'up' ? -1 : 1))
    }
    const crossed = state.row === 0
    if (crossed) {
      for (const [lane, pace] of paces(draws).entries())
        Object.assign(state.cars[lane]!, { wait: Math.abs(pace), pace })
      state.row = start
    }
    for (const car of state.cars) drive(car, state)
    if (state.wait > 0) state.wait--
    state.framesLeft--
    return { reward: crossed ? 1 : 0, over: state.framesLeft < 0 }
  },
  paint: ({ cars, row }, mark) => {
    mark(0, row, chickenColumn)
    for (const { column, row, pace } of cars) {
      mark(1, row, column)
      mark(1 + Math.abs(pace), row, around(column - Math.sign(pace)))
    }
  },
}

/** Moves a car when its wait is over; whoever it meets goes back to the start. */
function drive(car: Car, state: Freeway): void {
  const hit = () => car.column === chickenColumn && car.row === state.row
  if (hit()) state.row = start
  if (car.wait > 0) {
    car.wait--
    return
  }
  car.wait = Math.abs(car.pace)
  car.column = around(car.column + Math.sign(car.pace))
  if (hit()) state.row = start
}

function paces(draws: Draws): number[] {
  const sizes = Array.from({ length: 8 }, () => 1 + draws.int(5))
  return sizes.map((size) => (draws.uniform() < 0.5 ? -size : size))
}

function around(column: number): number {
  return (column + boardSize) % boardSize
}
