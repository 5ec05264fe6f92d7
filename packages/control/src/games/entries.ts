import type { Environment } from '../envs/environment.ts'
import { drive } from './drive.ts'
import { gameEnvironment } from './game.ts'
import { gridWorld } from './grid-world.ts'
import { minAtar } from './minatar.ts'
import { tetris } from './tetris.ts'

const cliff = `
  ....................
  .S................G.
  .~~~~~~~~~~~~~~~~~~.`

const rooms = `
  S...#....
  ....#....
  .........
  ....#....
  ##.###.##
  ....#....
  .........
  ....#...G`

/** Freeway's own clock ends a game with this step; MinAtar lets the others go on for ever. */
const longest = 2501

/** Games by name, with the usual length of an episode. */
export const gameEntries: Readonly<Record<string, { make: () => Environment; maxSteps: number }>> = {
  ...Object.fromEntries(Object.entries(minAtar).map(([id, make]) => [id, { make, maxSteps: longest }])),
  'GridWorld/Cliff': {
    make: () => gameEnvironment(gridWorld(cliff, { id: 'GridWorld/Cliff' })),
    maxSteps: 200,
  },
  'GridWorld/Rooms': {
    make: () => gameEnvironment(gridWorld(rooms, { id: 'GridWorld/Rooms', slip: 0.1 })),
    maxSteps: 200,
  },
  Drive: { make: () => gameEnvironment(drive), maxSteps: 600 },
  Tetris: { make: () => gameEnvironment(tetris), maxSteps: 1000 },
}
